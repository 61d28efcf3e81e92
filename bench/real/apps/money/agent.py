"""What the assistant knows about money."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Return the prompt about money."""
    return (
        "The user writes down what was spent, in euros. `shared` is true when the bill was split with others. "
        "`budget` says how much may be spent on a category in a month."
    )
