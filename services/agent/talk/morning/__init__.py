"""Three lines about the day, for the morning page."""
