"""Schedules as HTML, beside the page of the app."""
