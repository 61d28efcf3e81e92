"""Jobs as HTML: how far one is, the form that runs one, its log."""
