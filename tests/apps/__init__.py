"""Tests of apps/."""
