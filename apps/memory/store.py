"""The table of memories, and what people call the app."""

from collections.abc import Sequence

from apps.hookspecs import hook
from apps.known.table import MEMORY
from apps.names import About
from apps.tables import Table


@hook
def tables() -> Sequence[Table]:
    """Return the one table."""
    return (MEMORY,)


@hook
def about() -> About:
    """Return its name."""
    return About("The assistant knows")
