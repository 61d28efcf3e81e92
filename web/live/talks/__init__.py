"""The list of conversations: read from the store, and which of them have an answer that nobody has seen."""
