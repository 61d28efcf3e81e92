"""What a user sees in a made-up app: declared tables, and their rows."""
