"""The store: the one process that opens the SQLite file. What is confirmed is on disk; what changed is said to all."""
