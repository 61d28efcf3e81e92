"""Pure functions from state to elements."""
