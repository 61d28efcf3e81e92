"""What was spent, and the budgets."""

from apps.hookspecs import hook
from apps.tables import Field, Table

EXPENSE = Table(
    "expense",
    (
        Field("title", required=True, searched=True),
        Field("amount", "real"),
        Field("category", choices=("food", "rent", "travel", "fun", "other"), default="other"),
        Field("shared", "boolean"),
        Field("note", limit=2_000, searched=True),
        Field("created", "time"),
    ),
    label="an expense",
)

BUDGET = Table(
    "budget",
    (
        Field("category", required=True, choices=("food", "rent", "travel", "fun", "other")),
        Field("monthly", "integer"),
    ),
    label="a budget",
)


@hook
def tables() -> tuple[Table, ...]:
    """Return both tables; the page shows the expenses."""
    return (EXPENSE, BUDGET)
