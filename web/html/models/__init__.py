"""Models as HTML: the menu, the dialog about one, the dialog that gets new ones, and the servers they come from."""
