"""Journal: what happened, who did it, why, and how to take it back."""
