"""Branches of conversations, as plain data: which versions are in view, and what a deletion leaves to forks."""
