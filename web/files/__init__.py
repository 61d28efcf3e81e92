"""Import, export and uploads."""
