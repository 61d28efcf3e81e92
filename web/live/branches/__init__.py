"""What a tab shows of a branch of a conversation: read from the store."""
