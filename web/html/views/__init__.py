"""The open app as HTML: its pane, and the views of its rows other than the list."""
