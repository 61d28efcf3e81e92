"""What a user says, and what is right: the changes that it asks for, and what the assistant answers."""
