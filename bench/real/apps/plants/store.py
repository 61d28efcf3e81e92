"""The plants, and what was done to them."""

from apps.hookspecs import hook
from apps.tables import Field, Table

PLANT = Table(
    "plant",
    (
        Field("name", required=True, searched=True),
        Field("room", choices=("kitchen", "bathroom", "bedroom", "living room", "balcony"), default="living room"),
        Field("water_days", "integer", default=7),
        Field("note", limit=2_000, searched=True),
    ),
    label="a plant",
    sortable=True,
)

CARE = Table(
    "care",
    (
        Field("plant", required=True, searched=True),
        Field("what", choices=("watered", "fed", "repotted", "pruned"), default="watered"),
        Field("note", limit=2_000),
        Field("created", "time"),
    ),
    label="something that was done to a plant",
)


@hook
def tables() -> tuple[Table, ...]:
    """Return both tables; the page shows the plants."""
    return (PLANT, CARE)
