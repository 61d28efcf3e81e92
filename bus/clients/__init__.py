"""The keys of clients: programs that come over HTTP. `pianola key` writes their file, the web process reads it."""
