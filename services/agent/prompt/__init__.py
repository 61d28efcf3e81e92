"""What the model is told: layers, turns, the syntax of instructions, personas, feedback; and the archive of it."""
