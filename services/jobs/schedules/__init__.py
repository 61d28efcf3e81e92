"""What is done at a time: waits for the next schedule that is due, and carries it out once."""
