"""Draw what a fact of the store changes in a page."""

from collections.abc import Mapping

from apps.tables import Row, Table
from bus.messages import StoreChanged
from web.html.chat.chat import article
from web.html.chat.pieces import pieces
from web.html.parts.fragments import append, delete, replace
from web.html.parts.meter import meter, tokens_of
from web.html.rows.filter_bar import filter_bar
from web.html.rows.inputs import NOBODY
from web.html.rows.rows import row_item, row_range
from web.live.outbox import Ending
from web.live.streams import generation_of
from web.state.filters import options
from web.state.page_view import list_id, message_id, row_id
from web.state.rows.context import RowContext
from web.state.turns import Turns
from web.state.window import INSIDE, AppWindow, Place, passes, place


def draw_message(fact: StoreChanged, tables: Mapping[str, Table], turns: Turns) -> str:
    """Draw a change of a message of the conversation in view, without a text that is streaming: that is sent apart.

    `tables`: by name, to draw what proposals would change. `turns`: how far the answers are.
    """
    if fact.verb in ("delete", "erase"):
        return delete(message_id(int(fact.id)))
    drawn = article(fact.row, tables, progress=turns.of(fact.row["id"]))
    measured = replace(meter([fact.row])) if tokens_of(fact.row) else ""
    return (append("chat-log", drawn) if fact.verb == "insert" else replace(drawn)) + measured


def end_message(row: Row, tables: Mapping[str, Table]) -> Ending:
    """Draw the end of an answer for tabs that have shown it as it was written: all of it but what they show."""
    drawn = replace(article(row, tables, text_stays=True))
    measured = replace(meter([row])) if tokens_of(row) else ""
    return Ending(row["id"], generation_of(row), pieces(row), drawn + measured)


def draw_row(
    fact: StoreChanged, table: Table, window: AppWindow, scope: Row, context: RowContext = NOBODY
) -> str | None:
    """Draw a change of a row in one tab; "" when nothing of it is in view, None when the whole list must be drawn.

    `scope`: which rows belong to the profile in view.
    """
    if table.links:  # the titles of the rows that it links to are still to be read
        return None
    if fact.verb == "erase" or (fact.verb == "update" and not fact.before):  # too little is told of the row
        return None
    if not passes(fact.before, scope) and not passes(fact.row, scope):
        return ""
    where = {**scope, **window.filters}
    before, after = (place(row, table) if passes(row, where) else None for row in (fact.before, fact.row))
    drawn, shown = _draw_item(fact, table, window, (before, after), context), window.shown
    window.count(before, after, _counts(fact, table, window, scope))
    if drawn is None or (window.shown.total and not window.shown.count):
        return None
    if window.shown == shown:
        return drawn
    return drawn + replace(filter_bar(window.app, table, window.shown)) + replace(row_range(table, window.shown))


def _draw_item(
    fact: StoreChanged,
    table: Table,
    window: AppWindow,
    places: tuple[Place | None, Place | None],
    context: RowContext,
) -> str | None:
    """Draw the row itself. `places`: before and after."""
    before, after = places
    was_inside = before is not None and window.side(before) == INSIDE
    is_inside = after is not None and window.side(after) == INSIDE
    if before == after:
        return replace(_item(fact, table, window, context)) if is_inside else ""
    if was_inside and is_inside:
        return None
    if was_inside:
        return delete(row_id(table.name, fact.id))
    if is_inside and after:
        return append(list_id(table.name), _item(fact, table, window, context)) if window.is_end(after) else None
    return ""


def _item(fact: StoreChanged, table: Table, window: AppWindow, context: RowContext) -> object:
    by_model, edited = fact.actor == "model", fact.id in window.edited
    return row_item(table, fact.row, by_model=by_model, edited=edited, context=context)


def _counts(fact: StoreChanged, table: Table, window: AppWindow, scope: Row) -> dict[tuple[str, object], int]:
    """Return how many rows each filter finds after the change."""
    wheres = {one.key: {**scope, one.field: one.value} for group in options(table) for one in group}
    wheres["", None] = scope
    return {
        key: window.shown.counts.get(key, 0) + passes(fact.row, where) - passes(fact.before, where)
        for key, where in wheres.items()
    }
