"""A text of the model while it is being written: its finished blocks, its open block, and the instructions in it."""
