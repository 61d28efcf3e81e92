"""Expenses: what was bought, for how much, and what each kind costs together. Copy this file into the folder `apps`."""

from collections import Counter

from fastcore.xml import FT, Div, Li, P, Ul

from apps.hookspecs import hook
from apps.tables import Field, Row, Table
from apps.views import AppView
from bus.messages import StoreOrder

KINDS = ("food", "home", "travel", "other")

EXPENSE = Table(
    "expense",
    (
        Field("what", required=True, searched=True),
        Field("cents", "integer", required=True, label="Price in cents"),
        Field("kind", choices=KINDS, default="other"),
        Field("bought", "time"),
    ),
    label="an expense",
    scoped=True,
)


@hook
def tables() -> tuple[Table, ...]:
    """Return the one table."""
    return (EXPENSE,)


@hook
def prompt() -> str:
    """Say what the fields mean, where the names do not."""
    return "The user writes down expenses. `cents` is the price: 12.50 is 1250."


@hook
async def read(view: AppView) -> tuple[list[Row], Counter[str]]:
    """Read the newest rows to show, and add up all of them: `view.rows` would be only a part."""
    rows, sums, more = [], Counter(), True
    where = {"profile": view.profile}
    while more:
        order = StoreOrder(verb="list", table="expense", where=where, sort="-id", limit=1_000, offset=len(rows))
        answer = await view.ask(order)
        rows, more = rows + answer.rows, answer.more
    for row in rows:
        sums[row["kind"]] += row["cents"]
    return rows[: view.limit], sums


@hook
def view(view: AppView) -> FT:
    """Show the sums above the form and the list."""
    rows, sums = view.read
    lines = [Li(f"{kind}: {cents / 100:,.2f}") for kind, cents in sums.most_common()]
    return Div(view.pieces.form(), P("Together:"), Ul(*lines), view.pieces.list(rows))
