"""What a page shows, as plain data: filters, the window of rows, values of forms. Pure."""
