"""The bikes that are repaired, and the parts."""

from apps.hookspecs import hook
from apps.tables import Field, Table

JOB = Table(
    "repair",
    (
        Field("bike", required=True, searched=True),
        Field("customer", searched=True),
        Field("status", choices=("waiting", "in work", "ready", "collected"), default="waiting"),
        Field("price", "money", unit="EUR"),
        Field("due", "date"),
        Field("urgent", "boolean"),
        Field("note", "markdown"),
    ),
    label="a repair",
    sortable=True,
)

PART = Table(
    "part",
    (Field("name", required=True, searched=True), Field("stock", "integer"), Field("shelf", "integer", none=True)),
    label="a part",
)


@hook
def tables() -> tuple[Table, ...]:
    """Return both tables; the page shows the repairs."""
    return (JOB, PART)
