"""Todo: a list of things to do. The smallest useful app, and the example in the documentation."""
