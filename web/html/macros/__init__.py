"""The dialogs of macros, as HTML."""
