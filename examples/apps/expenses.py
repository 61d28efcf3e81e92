"""Expenses: what was bought, for how much, and what each kind costs together. Copy this file into the folder `apps`."""

from fastcore.xml import FT, Div, Li, P, Ul

from apps.hookspecs import hook
from apps.names import About
from apps.tables import Field, Row, Table
from apps.views import AppView
from bus.messages import StoreOrder

EXPENSE = Table(
    "expense",
    (
        Field("what", required=True, searched=True),
        Field("price", "money", required=True, unit="EUR"),
        Field("kind", choices=("food", "home", "travel", "other"), default="other"),
        Field("bought", "date"),
    ),
    label="an expense",
    scoped=True,
)


@hook
def about() -> About:
    """Return the name and the icon of the app."""
    return About("Expenses", "💶")


@hook
def tables() -> tuple[Table, ...]:
    """Return the one table."""
    return (EXPENSE,)


@hook
async def read(view: AppView) -> tuple[list[Row], list[Row]]:
    """Read the newest rows to show, and let the store add up all of them: `view.rows` would be only a part."""
    where, each_kind = {"profile": view.profile}, {"fields": ["price"], "by": "kind"}
    newest = StoreOrder(verb="list", table="expense", where=where, sort="-id", limit=view.limit)
    sums = StoreOrder(verb="sum", table="expense", where=where, values=each_kind)
    return (await view.ask(newest)).rows, (await view.ask(sums)).rows


@hook
def view(view: AppView) -> FT:
    """Show the sums above the form and the list. A sum has an amount for each currency."""
    rows, sums = view.read
    lines = [Li(f"{one['value']}: {', '.join(one['sums']['price'])}") for one in sums]
    return Div(view.pieces.form(), P("Together:"), Ul(*lines), view.pieces.list(rows))
