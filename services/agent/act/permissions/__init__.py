"""What the user lets the assistant do in each app."""
