"""What the user wants to be remembered at once."""
