"""`pianola mcp`: a door for programs with an assistant of their own, and the servers that ours may use."""
