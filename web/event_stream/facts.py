"""Facts that a reader has missed, made again from the history and from the rows as they are now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.change_lookup import rows_by
from apps.tables import Row, Table
from apps.views import Ask
from bus.messages import StoreAnswer, StoreChanged, StoreOrder

RowRef = tuple[str, int | str]
"""The name of a table and the id of a row."""

MOST_REPLAYED = 1_000
"""Facts; who missed more reads again what it shows."""
TRIES = 5
"""How often the rows are read again because they changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Changes in their order, as facts.

    `gap`: the first and last revision that cannot be told any more; (0, 0): there are none.
    """

    facts: tuple[tuple[Row, StoreChanged], ...] = ()
    """Each with its row of the history."""
    revision: int = 0
    """The facts reach up to this one."""
    gap: tuple[int, int] = (0, 0)


async def missed_since(ask: Ask, revision: int, wanted: Mapping[str, Table]) -> Missed:
    """Return the facts after a revision. `wanted`: the tables whose facts are asked for."""
    newest = (await ask(StoreOrder(verb="list", table="setting", limit=1, actor="system"))).revision
    if revision > newest:
        return Missed(revision=newest, gap=(1, newest))  # another database is in its place
    for _ in range(TRIES):
        if newest - revision > MOST_REPLAYED:
            break
        changes = await _changes(ask, revision + 1, newest)
        first = changes[0]["id"] if changes else newest + 1
        shown = [one for one in changes if one["subject"] in wanted]
        rows, seen = await _rows(ask, shown, newest)
        if seen == newest:
            gap = (revision + 1, first - 1) if first > revision + 1 else (0, 0)
            return Missed(tuple(facts_of(shown, rows, wanted)), newest, gap)
        newest = seen
    return Missed(revision=newest, gap=(revision + 1, newest))


async def _changes(ask: Ask, first: int, last: int) -> list[Row]:
    found: list[Row] = []
    more = first <= last
    while more:
        where = {"id": {"from": found[-1]["id"] + 1 if found else first, "to": last}}
        answer = await ask(StoreOrder(verb="list", table="change", where=where, sort="id", limit=1_000, actor="system"))
        found, more = found + answer.rows, answer.more
    return found


async def _rows(ask: Ask, changes: Iterable[Row], revision: int) -> tuple[dict[RowRef, Row], int]:
    """Return the rows that were changed, as they are now; then the newest revision that an answer contains."""
    keys: dict[str, dict[int | str, None]] = {}
    for change in changes:
        keys.setdefault(change["subject"], {})[change["row"]] = None
    seen = revision

    async def noted(order: StoreOrder) -> StoreAnswer:
        nonlocal seen
        answer = await ask(order)
        seen = max(seen, answer.revision)
        return answer

    found = {}
    for table, wanted in keys.items():
        for row in await rows_by(noted, table, "id", list(wanted)):
            found[table, row["id"]] = row
    return found, seen


def facts_of(
    changes: list[Row], now: Mapping[RowRef, Row], tables: Mapping[str, Table]
) -> list[tuple[Row, StoreChanged]]:
    """Return changes as facts, with whole rows. `changes`: all of these rows after some revision, the oldest first.

    The history has only the fields that differ. So each row is followed back from what it is now.
    """
    states: dict[RowRef, Row] = dict(now)
    facts = []
    for change in reversed(changes):
        ref = change["subject"], change["row"]
        row, before = _sides(change, states.get(ref, {}))
        states[ref] = before
        known = ("id", *tables[change["subject"]].all_fields)
        facts.append((change, _fact(change, _only(row, known), _only(before, known))))
    return facts[::-1]


def _sides(change: Row, row: Row) -> tuple[Row, Row]:
    """Return a row after and before a change. `row`: as it was after it, as far as that is known."""
    key = {"id": change["row"]}
    match change["verb"]:
        case "insert":
            return row or {**change["after"], **key}, {}
        case "update":
            after = row or {**change["after"], **key}
            return after, {**after, **change["before"]}
        case "delete":
            return {}, {**change["before"], **key}
    return {}, key


def _only(row: Row, names: Iterable[str]) -> Row:
    return {name: row[name] for name in names if name in row}


def _fact(change: Row, row: Row, before: Row) -> StoreChanged:
    return StoreChanged(
        table=change["subject"],
        verb=change["verb"],
        id=change["row"],
        row=row,
        before=before,
        actor=change["actor"],
        revision=change["id"],
        order_cause=change["cause"],
        undoes=change["undoes"],
        client=change["client"],
    )
