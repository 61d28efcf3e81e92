"""What the assistant knows of the user: its table, and how people ask it to remember something. Pure."""
