"""The short prompts of our own players. A player's card says which form it was taught; a form never changes."""
