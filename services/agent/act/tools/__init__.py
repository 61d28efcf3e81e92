"""Calls of tools of other programs: asked first until the user allows a tool, each shown as a card."""
