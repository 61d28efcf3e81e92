"""Tools of other programs as HTML."""
