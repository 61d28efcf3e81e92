"""The schedules of the core."""

from collections.abc import Sequence

from apps.core import SCHEDULE
from apps.hookspecs import hook
from apps.tables import Table


@hook
def tables() -> Sequence[Table]:
    """Return the core's table of schedules."""
    return (SCHEDULE,)
