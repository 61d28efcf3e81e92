"""Commands of the morning page."""
