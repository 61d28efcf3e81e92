"""The open app as HTML elements: form, filters, list of rows."""
