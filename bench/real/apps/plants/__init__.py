"""Plants: which there are, where they stand, how often they are watered, and what was done to them."""
