"""Tests of the whole system: all processes, most of them with a real browser."""
