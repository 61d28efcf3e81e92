"""The logger: writes one line for each message on the bus into rotating files."""
