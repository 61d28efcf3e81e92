"""The jobs of all apps."""

from collections.abc import Sequence

from apps.core import JOB
from apps.hookspecs import hook
from apps.tables import Table


@hook
def tables() -> Sequence[Table]:
    """Return the core's table of jobs."""
    return (JOB,)
