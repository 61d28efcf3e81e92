"""What a tab is offered to undo: the words and the orders of each change that the user made in it."""
