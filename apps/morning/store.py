"""The table of the morning page; what it shows beside the assistant's lines, other tables have."""

from collections.abc import Sequence

from apps.core import MORNING
from apps.hookspecs import hook
from apps.tables import Table


@hook
def tables() -> Sequence[Table]:
    """Return the core's table of mornings."""
    return (MORNING,)
