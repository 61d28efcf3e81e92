"""The dialog in which an app is declared by hand."""
