"""Small elements that several parts of the page use."""
