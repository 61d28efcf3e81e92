"""The command `pianola`: one file per command, and what the commands share."""
