"""The commands of `pianola`: one file each, with a function `run(arguments)` that returns the exit code."""
