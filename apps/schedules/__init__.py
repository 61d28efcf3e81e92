"""Schedules: what Pianola does by itself at a time."""
