"""The open app as elements: form, filters, list."""
