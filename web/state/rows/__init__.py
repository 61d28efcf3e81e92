"""What rows are drawn with."""
