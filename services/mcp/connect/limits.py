"""All limits of what a server may do."""

START_SECONDS = 20.0
"""From the start of a server until its tools are known."""
CALL_SECONDS = 60.0
"""One call of a tool."""
LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024
"""One message of a server; a longer one ends the connection."""
LARGEST_BODY_BYTES = 8 * 1024 * 1024
"""All that a server sends in one answer over HTTP."""
MOST_BAD_LINES = 20
"""Lines of a server that are no messages; more end the connection."""
MOST_TOOLS = 40
"""Tools of one server that are offered."""
MOST_PAGES = 5
"""Pages of its list of tools that are asked for."""
LONGEST_NAME = 64
"""Characters of the name of a tool; one with a longer name is left out."""
LONGEST_ABOUT = 160
"""Characters of what a server says of a tool."""
LARGEST_SCHEMA = 4_000
"""Characters of the schema of a tool's arguments, as JSON."""
LONGEST_ANSWER = 20_000
"""Characters of what a tool answers."""
LARGEST_ARGUMENTS = 20_000
"""Characters of what a tool is given, as JSON."""
PAUSES_SECONDS = (2.0, 10.0, 60.0, 300.0)
"""Before a server that failed is tried again; the last one each further time."""
END_SECONDS = 0.5
"""A program that was told to end may take so long before it is killed."""
