"""Commands about the list of conversations."""
