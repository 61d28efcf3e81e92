"""Files of the user that take the place of built-in texts of the prompt."""
