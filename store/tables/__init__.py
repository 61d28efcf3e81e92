"""Rows in SQLite: read, filter, order and search them, and write each change into the history."""
