"""What the assistant knows about repairs."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about repairs."""
    return (
        "The user repairs bikes. A new bike is a new row of `repair`. `stock` of a part says how many are left, "
        "`shelf` in which drawer they lie."
    )
