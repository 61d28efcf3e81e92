"""What the assistant knows about the pantry."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about the pantry."""
    return (
        "`stock` is what the user has in the house; what is used up keeps its row, with the amount 0. `shopping` is "
        "what is to be bought."
    )
