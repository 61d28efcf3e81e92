"""What programs find here: tools, and rows to read. Nothing in it knows by which way they came."""
