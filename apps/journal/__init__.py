"""Journal: what was changed, by whom, why, and how to undo it."""
