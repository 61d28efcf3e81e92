"""What the model is told: layers, turns, the syntax of instructions, personas; and the archive of it."""
