"""The todo table."""

from apps.hookspecs import hook
from apps.tables import Field, Table

TODO = Table(
    "todo",
    (
        Field("title", required=True, limit=2_000, searched=True),
        Field("done", "boolean"),
        Field("due", "when"),
        Field("repeat", "repeat"),
        Field("tags", "tags", searched=True),
        Field("note", "markdown", limit=20_000, searched=True),
        Field("parent", "link", to="todo", label="part of"),
        Field("created", "time"),
    ),
    label="a todo",
    sortable=True,
    nested="parent",
    quick_entry=True,
    scoped=True,
)


@hook
def tables() -> tuple[Table, ...]:
    """Return the one table."""
    return (TODO,)
