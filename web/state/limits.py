"""Limits that both the page and the code behind it must know."""

LARGEST_FILE_BYTES = 32 * 1024 * 1024
