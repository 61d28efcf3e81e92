"""Macros: what the user did, to be done again by a click, by its name, or at a time."""
