"""The Model Context Protocol (MCP), as those see it who do not speak it: whether it is installed, and which servers."""
