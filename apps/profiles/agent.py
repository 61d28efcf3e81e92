"""What the assistant knows about profiles."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about profiles."""
    return (
        "The user looks at the profiles: each has rows of its own in the apps. You may add or rename one; only the "
        "user deletes one, because the page asks what becomes of its rows."
    )
