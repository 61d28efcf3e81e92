"""What the page and the agent both know of conversations and remarks: which messages one shows and tells. Pure."""
