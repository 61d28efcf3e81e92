"""The permissions of the core."""

from collections.abc import Sequence

from apps.core import PERMISSION
from apps.hookspecs import hook
from apps.tables import Table


@hook
def tables() -> Sequence[Table]:
    """Return the core's table of permissions."""
    return (PERMISSION,)
