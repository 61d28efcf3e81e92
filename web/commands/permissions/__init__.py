"""Commands about what the assistant may do."""
