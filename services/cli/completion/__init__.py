"""`pianola completion`: print what makes a shell complete our commands.

Read `command` first, then `tree` (what the parser knows), then `bash`, `zsh` and `fish` (each writes it for its shell).
"""
