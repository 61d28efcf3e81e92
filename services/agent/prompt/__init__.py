"""What the model is told: layers, turns, the syntax of instructions, personas, files of the user, feedback, archive."""
