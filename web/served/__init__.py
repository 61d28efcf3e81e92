"""The page's files as a browser gets them: scripts as one, style sheets as one, under a name that changes with them."""
