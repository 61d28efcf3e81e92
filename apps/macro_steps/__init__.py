"""What a macro does: its steps, the placeholders in them, and the orders of a run."""
