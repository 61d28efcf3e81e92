"""What a view of rows other than the list shows, as plain data."""
