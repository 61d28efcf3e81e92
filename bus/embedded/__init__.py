"""What others than the worker may know of the embedded engine: its two small files, and whether it is installed."""
