"""The macros of the core."""

from collections.abc import Sequence

from apps.core import MACRO
from apps.hookspecs import hook
from apps.tables import Table


@hook
def tables() -> Sequence[Table]:
    """Return the core's table of macros."""
    return (MACRO,)
