"""What the page and the agent both know of talks and remarks. Pure."""
