"""What the user asked while an answer was coming, and how it gets its turn."""
