"""Permissions: what the assistant may do in each app without asking, and what it never does."""
