"""Jobs in all tabs: how far they are, and that they have ended."""
