"""What the agent knows of the store: the client, live queries, the open app and profile, how each model plays."""
