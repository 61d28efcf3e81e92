"""Checks of what comes from the bus: fields of a body, the sender, revisions; and the refusal of a bad order."""
