"""Why something is as it is: the causes of a row, card or message; later changes that stand in the way of an undo."""
