"""Conversations as files: downloads, and the import of such a file."""
