"""The action log beside the chat: what was done lately. Read `entries`, then `log`."""
