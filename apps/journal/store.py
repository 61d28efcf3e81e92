"""The table of the core that this app shows."""

from apps.core import CHANGE
from apps.hookspecs import hook
from apps.tables import Table


@hook
def tables() -> tuple[Table, ...]:
    """Return the history, which can only be read."""
    return (CHANGE,)
