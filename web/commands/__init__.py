"""What a tab sends: the table of commands, one file per subject, and the WebSocket that carries them."""
