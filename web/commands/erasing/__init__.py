"""Delete for good: the question, with what cannot be reached, and the order."""
