"""Pure: what a page shows. Filters, the window of rows, values of forms."""
