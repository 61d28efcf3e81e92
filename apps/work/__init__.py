"""Long work of apps: what an app declares of it, and what its functions are given."""
