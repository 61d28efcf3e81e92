"""Commands of views of rows other than the list."""
