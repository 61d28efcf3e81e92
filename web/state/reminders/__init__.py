"""Which reminders are shown."""
