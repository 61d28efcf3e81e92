"""The door for programs with an assistant of their own, by the Model Context Protocol (MCP). docs/mcp.md is the manual.

`serve/` is what they find here: `tools` (the table of all tools) first, then one file per subject. `stdio` and
`__main__` are the two ways in. It needs the extra `mcp`, the protocol's official SDK.
"""
