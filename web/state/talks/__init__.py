"""The list of conversations as plain data."""
