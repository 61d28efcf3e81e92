"""The table of the core that this app shows."""

from apps.core import PROFILE
from apps.hookspecs import hook
from apps.tables import Table


@hook
def tables() -> tuple[Table, ...]:
    """Return the one table."""
    return (PROFILE,)
