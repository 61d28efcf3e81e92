"""What of the assistant's memories stands in a prompt."""
