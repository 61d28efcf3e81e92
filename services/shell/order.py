"""`pianola order TABLE VERB …`: insert, update, toggle, delete or move rows, by one order to the store."""

import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from apps.core import CONVERSATION, CORE, PROFILE
from apps.names import compared
from apps.sentences import kind_of, shortened, title_of
from apps.tables import Field, Row, Table
from apps.types.link import Key
from apps.work.runs import RUN
from bus.bus import new_id
from bus.errors import EXIT_REFUSED, PianolaError, Refused
from bus.limits import MAX_BATCH_ORDERS
from bus.messages import StoreAnswer, StoreOrder
from services.shell.lookup import key_called, table_called
from services.shell.session import Session
from services.shell.values import is_pair, values_in, where_in

EXIT_NOTHING = 1
"""No row matches, so nothing was changed."""

DONE = {"insert": "Added", "update": "Changed", "toggle": "Toggled", "delete": "Deleted", "move": "Moved"}
CHANGED_ELSEWHERE = {
    PROFILE.name: "the app Profiles in the page, which asks what to do with their rows",
    RUN.name: "the app Workflows in the page, which checks each step",
}
AFTER, FIRST = "after", "first"
LONGEST_TITLE = 60


class NotOrdered(PianolaError):
    """The words do not make an order; nothing was sent."""


Verb = Callable[[Session, Table, "Words", list[str]], Awaitable[list[StoreOrder]]]


@dataclass(frozen=True, slots=True)
class Words:
    """The words behind a verb. `keys`: rows, by id or title; `pairs`: `field=value`."""

    keys: tuple[str, ...]
    pairs: tuple[str, ...]


async def run(session: Session, given: Namespace) -> int:
    """Send the order and print what came of it; return 0, 1 if no row matches, or 3 if it was refused."""
    table = changeable(session, given.table)
    words = Words(
        tuple(word for word in given.words if not is_pair(word)), tuple(word for word in given.words if is_pair(word))
    )
    orders = await VERBS[given.verb](session, table, words, given.where)
    if not orders:
        sys.stderr.write(f"pianola: no row of {table.name} matches, so nothing was changed.\n")
        return EXIT_NOTHING
    try:
        answer = await session.ask(in_one(orders), id=f"shell-{given.verb}-{new_id()}")
    except Refused as refused:
        if given.json:
            error = {"code": refused.code, "message": str(refused), "field": refused.field}
            sys.stdout.write(f"{json.dumps({'ok': False, 'error': error}, ensure_ascii=False)}\n")
        sys.stderr.write(f"pianola: {refused}\n")
        return EXIT_REFUSED
    sys.stdout.write(f"{as_json(answer) if given.json else in_words(given.verb, table, answer)}\n")
    return 0


def changeable(session: Session, text: str) -> Table:
    """Return the table that is named, if its rows can be changed here."""
    table = table_called(session.registry, text)
    if not is_changeable(table):
        where = CHANGED_ELSEWHERE.get(table.name, "the page")
        raise NotOrdered(f"the rows of {table.name} are not changed here, but in {where}. `pianola rows` shows them.")
    return table


def is_changeable(table: Table) -> bool:
    """Return whether its rows can be changed by `pianola order`: those of apps but for runs, and conversations."""
    return not table.read_only and table is not RUN and (table not in CORE or table is CONVERSATION)


def in_one(orders: list[StoreOrder]) -> StoreOrder:
    """Return one order that carries out all of them, or none."""
    if len(orders) == 1:
        return orders[0]
    listed = [{"verb": one.verb, "table": one.table, "id": one.id, "values": one.values} for one in orders]
    return StoreOrder(verb="batch", table=orders[0].table, values={"orders": listed})


# --- the verbs ---


async def insert(session: Session, table: Table, words: Words, where: list[str]) -> list[StoreOrder]:
    """Add one row."""
    if words.keys or where or not words.pairs:
        raise NotOrdered(f"a new row needs values, for example: pianola order {table.name} insert {example(table)}")
    values = session.in_profile(table) | await values_in(session, table, words.pairs)
    return [StoreOrder(verb="insert", table=table.name, values=values)]


async def update(session: Session, table: Table, words: Words, where: list[str]) -> list[StoreOrder]:
    """Set values in rows."""
    if not words.pairs:
        raise NotOrdered(f"update needs a value to set: pianola order {table.name} update 3 {example(table)}")
    values = await values_in(session, table, words.pairs)
    return await _on_rows(session, StoreOrder(verb="update", table=table.name, values=values), table, words.keys, where)


async def toggle(session: Session, table: Table, words: Words, where: list[str]) -> list[StoreOrder]:
    """Flip a field that is true or false: the one that is named, else the first one."""
    if words.pairs:
        raise NotOrdered(f"toggle sets no value. It takes rows and a field: pianola order {table.name} toggle 3")
    if not table.switches:
        raise NotOrdered(f"{table.name} has no field that is true or false, so nothing can be toggled.")
    named = {word: one.name for word in words.keys for one in _switches(table) if _names(word, one.name, one.label)}
    keys = tuple(word for word in words.keys if word not in named)
    values = {"field": next(iter(named.values()), table.switches[0])}
    return await _on_rows(session, StoreOrder(verb="toggle", table=table.name, values=values), table, keys, where)


async def delete(session: Session, table: Table, words: Words, where: list[str]) -> list[StoreOrder]:
    """Delete rows."""
    if words.pairs:
        instead = f"pianola order {table.name} delete --where {words.pairs[0]}"
        raise NotOrdered(f"delete takes rows, or a condition: {instead}")
    return await _on_rows(session, StoreOrder(verb="delete", table=table.name), table, words.keys, where)


async def move(session: Session, table: Table, words: Words, where: list[str]) -> list[StoreOrder]:
    """Move one row behind another one, or to the front."""
    rows = [word for word in words.keys if compared(word) != FIRST]
    behind = [text for name, _, text in (pair.partition("=") for pair in words.pairs) if compared(name) == AFTER]
    places = len(words.keys) - len(rows) + len(behind)
    if where or len(rows) != 1 or places != 1 or len(behind) < len(words.pairs):
        raise NotOrdered(
            f"move takes one row, and where to: pianola order {table.name} move 3 after=5, or: move 3 {FIRST}"
        )
    after: Key = await key_called(session, table, behind[0]) if behind else 0
    key = await key_called(session, table, rows[0])
    return [StoreOrder(verb="sort", table=table.name, id=key, values={"after": after})]


VERBS: dict[str, Verb] = {"insert": insert, "update": update, "toggle": toggle, "delete": delete, "move": move}


async def _on_rows(
    session: Session, order: StoreOrder, table: Table, keys: tuple[str, ...], where: list[str]
) -> list[StoreOrder]:
    """Return the order for each row: those that are named, or all that match. [] if none match."""
    if bool(keys) == bool(where):
        raise NotOrdered(f"which rows? Write ids or titles, or --where: pianola order {table.name} {order.verb} 3")
    if keys:
        found = [await key_called(session, table, key) for key in keys]
    else:
        found = await _matching(session, table, where)
    return [replace(order, id=key) for key in dict.fromkeys(found)]


async def _matching(session: Session, table: Table, where: list[str]) -> list[Key]:
    condition = await where_in(session, table, where)
    order = StoreOrder(verb="list", table=table.name, where=condition, sort="id", limit=MAX_BATCH_ORDERS)
    answer = await session.ask(order)
    if answer.more:
        raise NotOrdered(
            f"{answer.total:,} rows of {table.name} match, and one order changes at most {MAX_BATCH_ORDERS:,}. Add "
            "another --where. Nothing was changed."
        )
    return [row["id"] for row in answer.rows]


def _switches(table: Table) -> list[Field]:
    return [table.all_fields[name] for name in table.switches]


def _names(word: str, *names: str) -> bool:
    return any(name and compared(name) == compared(word) for name in names)


def example(table: Table) -> str:
    """Return a value that could be given to a row."""
    return f"{table.title_field.name}=…"


# --- the answer ---


def as_json(answer: StoreAnswer) -> str:
    """Return the answer for programs."""
    told: Row = {"ok": True, "rows": answer.rows, "changes": answer.changes, "revision": answer.revision}
    return json.dumps(told, ensure_ascii=False)


def in_words(verb: str, table: Table, answer: StoreAnswer) -> str:
    """Return what was done: “Added todo 12: milk”."""
    if not answer.changes:
        return f"Nothing to change: {_rows_of(table, answer.rows)} is so already."
    return f"{DONE[verb]} {_rows_of(table, answer.rows)}."


def _rows_of(table: Table, rows: list[Row]) -> str:
    if len(rows) > 1:
        return f"{len(rows):,} rows of {table.name}"
    row = rows[0]
    title = shortened(title_of(row, table), LONGEST_TITLE)
    kind = kind_of({"subject": table.name}, table).removeprefix("the ")
    return f"{kind} {row['id']}" + (f": “{title}”" if title else "")
