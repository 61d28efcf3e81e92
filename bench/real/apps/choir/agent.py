"""What the assistant knows about the choir."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about the choir."""
    return (
        "The user leads a choir. Songs stand in the order of the next concert. `ready` says that the choir can sing it."
    )
