"""Tests of the project itself: its imports, its folders, its docs."""
