"""Signing in: the browsers that are signed in, the pages for those that are not, and the headers of every answer."""
