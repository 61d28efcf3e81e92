"""What the assistant knows about plants."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about plants."""
    return (
        "The user looks after plants. `water_days` says after how many days a plant needs water. What was done to a "
        "plant is a new row of `care`, with the name of the plant."
    )
