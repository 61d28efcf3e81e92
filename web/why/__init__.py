"""The causes of a row, card or message; and which later changes conflict with an undo."""
