"""The hives, and what was harvested."""

from apps.hookspecs import hook
from apps.tables import Field, Table

HIVE = Table(
    "hive",
    (
        Field("name", required=True, searched=True),
        Field("mood", choices=("calm", "nervous", "aggressive"), default="calm"),
        Field("frames", "integer", default=10),
        Field("queen_year", "integer", none=True),
        Field("treated", "boolean"),
        Field("note", limit=2_000, searched=True),
    ),
    label="a hive",
    sortable=True,
)

HARVEST = Table(
    "harvest",
    (
        Field("hive", required=True, searched=True),
        Field("kilos", "real"),
        Field("kind", choices=("blossom", "forest", "heather"), default="blossom"),
    ),
    label="a harvest",
)


@hook
def tables() -> tuple[Table, ...]:
    """Return both tables; the page shows the hives."""
    return (HIVE, HARVEST)
