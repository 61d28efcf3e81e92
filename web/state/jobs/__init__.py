"""What is known of running jobs between two facts of the store."""
