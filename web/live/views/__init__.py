"""Read from the store what a view of rows other than the list shows."""
