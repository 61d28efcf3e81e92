"""What is in the house, and what is to be bought."""

from apps.hookspecs import hook
from apps.tables import Field, Table

STOCK = Table(
    "stock",
    (
        Field("name", required=True, searched=True),
        Field("amount", "real", default=1),
        Field("unit", choices=("pieces", "packs", "bottles", "g", "kg"), default="pieces"),
        Field("place", choices=("fridge", "freezer", "cupboard", "cellar"), default="cupboard"),
        Field("opened", "boolean"),
        Field("note", limit=2_000, searched=True),
    ),
    label="something in stock",
    scoped=True,
)

SHOPPING = Table(
    "shopping",
    (Field("name", required=True, searched=True), Field("amount", "real", default=1), Field("bought", "boolean")),
    label="something to buy",
    scoped=True,
)


@hook
def tables() -> tuple[Table, ...]:
    """Return both tables; the page shows the stock."""
    return (STOCK, SHOPPING)
