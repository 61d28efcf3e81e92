"""From a macro to the orders of one run. Whoever runs it, sends them as one batch: all are carried out, or none.

A row that is gone is left out, and told: people do the rest by hand too, and one undo takes a run back. If nothing of
it can be done, nothing is.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date

from apps.macro_steps.placeholders import filled, wants_word
from apps.macro_steps.steps import row_in_words
from apps.tables import BadValue, Row
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder

Ask = Callable[[StoreOrder], Awaitable[StoreAnswer]]
MOST_NAMED = 5
"""Rows that are gone which are named; of the others the number is told."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can begin."""

    orders: tuple[Row, ...]
    left_out: tuple[str, ...] = ()
    """The rows that are gone, in words."""

    @property
    def words_left_out(self) -> str:
        """A sentence about what is left out; "" for nothing."""
        return f"Left out, because it is gone: {_named(self.left_out)}." if self.left_out else ""


async def prepare(ask: Ask, macro: Row, today: date, word: str = "") -> Prepared:
    """Return the orders of a run, or raise `BadValue`: a word is missing, or no step can be done any more.

    `word`: what the user answered to the question of the macro.
    """
    if not macro["steps"]:
        raise BadValue("bad_value", f"The macro “{macro['name']}” has no steps. Delete it, and make another one.")
    if wants_word(macro["steps"]) and not word.strip():
        raise BadValue("missing_field", f"The macro “{macro['name']}” asks: {question_of(macro)}", field="word")
    steps = [filled(step, today, word.strip()) for step in macro["steps"]]
    orders, left_out = [], []
    for step in steps:
        order = await _order(ask, step, macro["profile"])
        if order:
            orders.append(order)
        else:
            left_out.append(row_in_words(step))
    if not orders:
        raise BadValue("not_found", f"Nothing of “{macro['name']}” can be done: {_named(left_out)} is gone.")
    return Prepared(tuple(orders), tuple(left_out))


def question_of(macro: Row) -> str:
    """Return what a run asks for."""
    return str(macro["ask"]) or "Which word?"


async def is_done(ask: Ask, order: str) -> bool:
    """Return whether a run was carried out already, by the id of its order: it may have been asked for again."""
    try:
        await ask(StoreOrder(verb="recall", table="", values={"order": order}))
    except Refused as refused:
        if refused.code != "unknown_order":
            raise
        return False
    return True


async def _order(ask: Ask, step: Row, profile: int) -> Row | None:
    """Return the order of a step; None if its row, or its app, is gone."""
    order = {"verb": step["verb"], "table": step["table"]}
    if step["verb"] == "insert":
        scope = {"profile": profile} if step["scoped"] else {}
        return {**order, "values": {**step["values"], **scope}}
    row = await _row(ask, step, profile)
    if row is None:
        return None
    order["id"] = row["id"]
    return order if step["verb"] == "delete" else {**order, "values": step["values"]}


async def _row(ask: Ask, step: Row, profile: int) -> Row | None:
    """Return the row of a step. Of several with the same title it is the first one that the step would change."""
    named = step["row"]
    where = {"id": named["id"]} if named["find"] == "id" else {named["field"]: named["title"]}
    scope = {"profile": profile} if step["scoped"] else {}
    try:
        answer = await ask(StoreOrder(verb="list", table=step["table"], where={**where, **scope}, sort="id"))
    except Refused as refused:
        if refused.code not in ("unknown_table", "unknown_field"):
            raise
        return None
    changed = (row for row in answer.rows if any(row.get(name) != one for name, one in step["values"].items()))
    return next(changed, None) or next(iter(answer.rows), None)


def _named(rows: Iterable[str]) -> str:
    """Return the names of rows, the first few of them."""
    named = list(rows)
    more = len(named) - MOST_NAMED
    return f"{', '.join(named[:MOST_NAMED])}{f' and {more} more' if more > 0 else ''}"
