"""What the assistant knows about the journal."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt: the history can only be read."""
    return (
        "The user looks at the journal: every change of data, who made it, and why. It can be listed (table `change`), "
        "but not edited. The user takes changes back with the Undo buttons there."
    )
