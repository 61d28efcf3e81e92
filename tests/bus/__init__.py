"""Tests of bus/."""
