"""Tests of a day at a glance."""
