"""Small HTML elements that several parts of the page use."""
