"""Tests of web/ without a browser."""
