"""What may be remembered of the user."""
