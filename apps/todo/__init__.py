"""Todo: a list of things to do. The smallest useful app, and the one that the documentation walks through."""
