"""A long job to look at: it counts, pauses, fails, as you like."""
