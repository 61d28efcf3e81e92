"""The todo table."""

from apps.hookspecs import hook
from apps.tables import Field, Table

TODO = Table(
    "todo",
    (
        Field("title", required=True, limit=2_000, searched=True),
        Field("done", "boolean"),
        Field("created", "time"),
    ),
    label="a todo",
    sortable=True,
    scoped=True,
)


@hook
def tables() -> tuple[Table, ...]:
    """Return the one table."""
    return (TODO,)
