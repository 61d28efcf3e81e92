"""What the assistant may do, as HTML."""
