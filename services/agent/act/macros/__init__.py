"""Macros that are run by saying their names."""
