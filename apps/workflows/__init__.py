"""Workflows: steps filled in one after another; and the weekly review, which ships with Pianola."""
