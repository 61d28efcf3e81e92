"""Limits that both the HTML and the code that handles requests need."""

LARGEST_FILE_BYTES = 32 * 1024 * 1024
