"""A link graph: its files while it grows, what is found in it, its picture, and its exports."""
