"""Draw what a fact of the store changes in a page."""

from collections.abc import Mapping
from datetime import datetime

from apps.tables import Row, Table
from apps.types.reader import Reader as Person
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
from web.state.filters import where_of, wheres_of
from web.state.page_view import list_id, message_id, row_id
from web.state.rows.context import RowContext
from web.state.turns import Turns
from web.state.window import INSIDE, AppWindow, Place, passes, place


def draw_message(fact: StoreChanged, tables: Mapping[str, Table], turns: Turns, person: Person) -> str:
    """Draw a change of a message of the conversation in view, without a text that is streaming: that is sent apart.

    `tables`: by name, to draw what proposals would change. `turns`: how far the answers are.
    `person`: who reads it.
    """
    if fact.verb in ("delete", "erase"):
        return delete(message_id(int(fact.id)))
    drawn = article(fact.row, tables, progress=turns.of(fact.row["id"]), reader=person)
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
    if needs_others(fact, table, window):
        return None
    if fact.verb == "erase" or (fact.verb == "update" and not fact.before):  # too little is told of the row
        return None
    if not passes(fact.before, scope) and not passes(fact.row, scope):
        return ""
    where = {**scope, **where_of(table, window.filters, context.now)}
    before, after = (place(row, table) if passes(row, where) else None for row in (fact.before, fact.row))
    drawn, shown = _draw_item(fact, table, window, (before, after), context), window.shown
    window.count(before, after, _counts(fact, table, window, scope, context.now))
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


def needs_others(fact: StoreChanged, table: Table, window: AppWindow) -> bool:
    """Return whether a row is drawn with others that are still to be read: the rows that it links to, and its parts."""
    linked = [name for one in table.links for name in (one.name,) if fact.row.get(name) or fact.before.get(name)]
    in_form = bool(table.links) and fact.id in window.edited
    return bool(linked) or in_form or fact.id in window.parents


def _counts(
    fact: StoreChanged, table: Table, window: AppWindow, scope: Row, now: datetime
) -> dict[tuple[str, object], int]:
    """Return how many rows each filter finds after the change."""
    wheres = {key: {**scope, **where} for key, where in wheres_of(table, now).items()}
    wheres["", None] = scope
    for one in table.fields:
        if one.kind.is_tags:
            known = {value for name, value in window.shown.counts if name == one.name}
            said = {tag for row in (fact.row, fact.before) for tag in row.get(one.name) or ()}
            wheres |= {(one.name, tag): {**scope, one.name: tag} for tag in known | said}
    return {
        key: window.shown.counts.get(key, 0) + passes(fact.row, where) - passes(fact.before, where)
        for key, where in wheres.items()
    }
