"""What the assistant knows about the journal."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """The history can be read, and nothing else."""
    return (
        "The user looks at the journal: every change of data, who made it, and why. It can be listed (table `change`), "
        "but not edited. The user takes changes back with the Undo buttons there."
    )
