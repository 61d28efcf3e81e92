"""The page of link graphs: the list, and one graph."""
