"""Reminders: notice what has become due, read what is shown of it, tell it on the desktop."""
