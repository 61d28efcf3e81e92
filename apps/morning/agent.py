"""What the assistant knows about the morning page."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about the morning page: its table can only be read."""
    return (
        "The user looks at the morning page: what is due in all apps, what has changed since yesterday, what waits for "
        "a yes, and what could be tidied. Its rows belong to other apps: list their tables to see them. The table "
        "`morning` holds the three lines that you wrote for today; nobody edits them."
    )
