"""Commands about macros."""
