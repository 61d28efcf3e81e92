"""Reminders as HTML."""
