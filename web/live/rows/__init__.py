"""What is read beside the rows of an app."""
