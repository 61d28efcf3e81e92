"""What the assistant knows about bees."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about bees."""
    return (
        "The user keeps bees. `queen_year` is the year in which the queen hatched, `treated` whether the hive was "
        "treated against mites. Honey that was taken is a new row of `harvest`, with the name of the hive."
    )
