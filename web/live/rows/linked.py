"""Read the titles of the rows that rows link to, and the rows that a form offers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.sentences import title_of
from apps.tables import Row, Table
from apps.types.link import Key
from bus.limits import MAX_ANSWER_ROWS
from web.state.page_view import profile_in

MOST_PARTS = 10_000
MOST_CHOICES = 300
"""Rows that a form offers: more are too many to choose from."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What is known of the rows that a table links to: see `RowContext`."""

    titles: Mapping[tuple[str, Key], str] = field(default_factory=dict)
    choices: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    parts: Mapping[Key, tuple[int, int]] = field(default_factory=dict)


class Reads(Protocol):
    """Reads rows: `web.live.queries.Reader`."""

    async def read(self, table: str, most: int, where: Row | None = None, sort: str = "") -> Any:
        """Read up to `most` rows."""


async def read_linked(
    reader: Reads,
    tables: Mapping[str, Table],
    table: Table | None,
    rows: Iterable[Row],
    settings: Mapping[str, Any],
    *,
    with_choices: bool = True,
) -> Linked:
    """Read what the rows of a table link to, and their parts. `tables`: all, by name.

    `with_choices`: also the rows that a form offers.
    """
    titles: dict[tuple[str, Key], str] = {}
    choices: dict[str, tuple[Key, ...]] = {}
    rows = tuple(rows)
    for name in {one.to for one in table.links} if table else ():
        target = tables.get(name)
        if target is None:
            continue
        where = {"profile": profile_in(settings)} if target.scoped else {}
        offered = await reader.read(name, MOST_CHOICES if with_choices else 0, where, target.title_field.name)
        choices[name] = tuple(row["id"] for row in offered.rows)
        titles |= {(name, row["id"]): title(row, target) for row in offered.rows}
        others = sorted(keys_of(table, name, rows) - set(choices[name]), key=str) if table else []
        for begin in range(0, len(others), MAX_ANSWER_ROWS):
            some = others[begin : begin + MAX_ANSWER_ROWS]
            read = await reader.read(name, len(some), {"id": some})
            titles |= {(name, row["id"]): title(row, target) for row in read.rows}
    return Linked(titles, choices, await read_parts(reader, table, rows))


async def read_parts(reader: Reads, table: Table | None, rows: Iterable[Row]) -> dict[Key, tuple[int, int]]:
    """Return for each row under which others stand how many of these are done, and how many there are."""
    if table is None or not table.nested:
        return {}
    keys = [row["id"] for row in rows if not row[table.nested]]
    done = next(iter(table.switches), "")
    found: dict[Key, tuple[int, int]] = {}
    for begin in range(0, len(keys), MAX_ANSWER_ROWS):
        read = await reader.read(table.name, MOST_PARTS, {table.nested: keys[begin : begin + MAX_ANSWER_ROWS]})
        for row in read.rows:
            ticked, number = found.get(row[table.nested][0], (0, 0))
            found[row[table.nested][0]] = ticked + bool(row.get(done)), number + 1
    return found


def keys_of(table: Table, to: str, rows: Iterable[Row]) -> set[Key]:
    """Return the ids of the rows of a table that rows link to."""
    names = [one.name for one in table.links if one.to == to]
    return {key for row in rows for name in names for key in row.get(name) or ()}


def title(row: Row, table: Table) -> str:
    """Return how a row is called."""
    return title_of(row, table) or f"{table.name} {row['id']}"
