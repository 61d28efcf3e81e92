"""What `pianola` can do: one file per command, each with `run(arguments) -> exit code`."""
