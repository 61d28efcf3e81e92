"""Tests of the whole system: all processes, and a real browser."""
