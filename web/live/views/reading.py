"""Read what a table, a calendar, a board or a chart shows. Sums and counts come from the store, over all rows."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any, Protocol

from apps.shown.days import day_of, first_day, month_after
from apps.shown.look import Look
from apps.shown.view import UNITS, View
from apps.tables import Field, Row, Table
from apps.types.reader import Reader as Person
from apps.types.reader import name_of
from bus.bus import Bus
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreAnswer, StoreOrder
from bus.store_client import ask_store
from web.state.views.seen import BoardSeen, CalendarSeen, ChartSeen, Column, Group, Seen, TableSeen

MOST_IN_CALENDAR = 1_000
MOST_IN_COLUMN = 100
MOST_GROUPS = 200
"""Numbers of a chart."""
DAYS_A_WEEK = 7
UTC = "UTC"


class Reads(Protocol):
    """Reads rows: `web.live.queries.Reader`."""

    bus: Bus

    async def read(self, table: str, most: int, where: Row | None = None, sort: str = "", offset: int = 0) -> Any:
        """Read up to `most` rows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be read: how rows of a table are to be shown, which ones, for whom."""

    table: Table
    look: Look
    where: Row
    person: Person
    limit: int
    offset: int

    @property
    def view(self) -> View:
        """How they are to be shown."""
        return self.look.view

    @property
    def order(self) -> str:
        """The field by which the list is sorted."""
        return "position" if self.table.sortable else "id"

    @property
    def sort(self) -> str:
        """The field by which the view is sorted."""
        return self.view.sort or self.order


@dataclass(frozen=True, slots=True)
class Found:
    """What was read."""

    seen: Seen
    rows: tuple[Row, ...]
    """Every row in it."""
    total: int
    """How many rows pass the filters."""
    revision: int
    is_steady: bool = True
    """All answers are of one revision of the store."""


async def read_table(reader: Reads, asked: Asked) -> Found:
    """Read the rows of a table in its order, and the sums of all rows."""
    if asked.view.group:
        return await read_groups(reader, asked)
    read, sums = await asyncio.gather(
        reader.read(asked.table.name, asked.limit, asked.where, asked.sort, asked.offset),
        read_sums(reader, asked, asked.view.sums),
    )
    total = _group(sums.rows[0])
    return _found(TableSeen(total), read.rows, total.count, [read.revision, sums.revision])


async def read_groups(reader: Reads, asked: Asked) -> Found:
    """Read the rows of a table group by group, those without one last, and the sums of all rows and of each group."""
    view = asked.view
    sums, by_group = await asyncio.gather(
        read_sums(reader, asked, view.sums),
        read_sums(reader, asked, view.sums, {"by": view.group}, most=MAX_ANSWER_ROWS),
    )
    groups = tuple(sorted(map(_group, by_group.rows), key=lambda one: one.value in ("", None)))
    rows, revisions = await _by_group(reader, asked, groups)
    seen = TableSeen(_group(sums.rows[0]), groups)
    reached = sum(one.count for one in groups)
    return _found(seen, rows, reached, [sums.revision, by_group.revision, *revisions])


async def _by_group(reader: Reads, asked: Asked, groups: Sequence[Group]) -> tuple[list[Row], list[int]]:
    """Read the rows of the window, group by group."""
    rows, skip, revisions = list[Row](), asked.offset, list[int]()
    for one in groups:
        if skip >= one.count:
            skip -= one.count
            continue
        if len(rows) >= asked.limit:
            break
        where = {**asked.where, asked.view.group: one.value}
        read = await reader.read(asked.table.name, asked.limit - len(rows), where, asked.sort, skip)
        rows, skip = [*rows, *read.rows], 0
        revisions.append(read.revision)
    return rows, revisions


async def read_calendar(reader: Reads, asked: Asked) -> Found:
    """Read the rows whose days lie in the weeks of a month, and how many have no day."""
    one, zone = asked.table.all_fields[asked.view.date], asked.person.zone
    today = datetime.now(zone).date()
    first = date.fromisoformat(f"{asked.look.month}-01") if asked.look.month else today.replace(day=1)
    weeks = weeks_of(first)
    where = {**asked.where, one.name: in_days(one, weeks[0][0], weeks[-1][-1], zone)}
    none = {**asked.where, one.name: None if one.may_be_none else one.empty}
    narrowed = one.name in asked.where
    read, undated, total = await asyncio.gather(
        reader.read(asked.table.name, MOST_IN_CALENDAR, where, one.name),
        reader.read(asked.table.name, 1, asked.where if narrowed else none),
        reader.read(asked.table.name, 1, asked.where),
    )
    days = by_day(one, read.rows, zone)
    seen = CalendarSeen(first, today, weeks, days, undated.total, read.total - len(read.rows))
    return _found(seen, read.rows, total.total, [read.revision, undated.revision, total.revision])


def by_day(one: Field, rows: Sequence[Row], zone: tzinfo) -> dict[date, tuple[Row, ...]]:
    """Return the rows of each day."""
    days: dict[date, list[Row]] = {}
    for row in rows:
        if day := day_of(one.kind, row[one.name], zone):
            days.setdefault(day, []).append(row)
    return {day: tuple(some) for day, some in days.items()}


def in_days(one: Field, first: date, last: date, zone: tzinfo) -> Row:
    """Return the range of a `where` map for the values of a field on these days."""
    assert one.kind.days  # noqa: S101 (a calendar is checked to have such a field)
    begin, end = one.kind.days.between(first, last, zone)
    return {"from": begin, "to": end}


def weeks_of(first: date) -> tuple[tuple[date, ...], ...]:
    """Return the weeks of the month that begins on a day, from Monday to Sunday."""
    begin, behind = first_day(first, "week"), month_after(first)
    count = -(-(behind - begin).days // DAYS_A_WEEK)
    days = [begin + timedelta(days=number) for number in range(count * DAYS_A_WEEK)]
    return tuple(tuple(days[at : at + DAYS_A_WEEK]) for at in range(0, len(days), DAYS_A_WEEK))


async def read_board(reader: Reads, asked: Asked) -> Found:
    """Read the rows of each column."""
    one = asked.table.all_fields[asked.view.by]
    chosen = asked.where.get(one.name)
    values = [value for value in dict.fromkeys((*one.choices, "")) if chosen in (None, value)]
    reads = await asyncio.gather(
        *(
            reader.read(asked.table.name, MOST_IN_COLUMN, {**asked.where, one.name: value}, asked.order)
            for value in values
        )
    )
    columns = [Column(value, read.rows, read.total) for value, read in zip(values, reads, strict=True)]
    if not one.may_be_unchosen and "" not in one.choices:
        columns = [column for column in columns if column.value or column.total]
    rows = tuple(row for column in columns for row in column.rows)
    return _found(
        BoardSeen(tuple(columns)), rows, sum(column.total for column in columns), [read.revision for read in reads]
    )


async def read_chart(reader: Reads, asked: Asked) -> Found:
    """Read the number of each group, or of each span of time: of spans the last ones, if there are too many."""
    view = asked.view
    fields, groups = (view.sum,) if view.sum else (), {"by": view.over}
    if view.over in UNITS:
        groups = {"by": view.date, "per": view.over, "zone": name_of(asked.person.zone) or UTC}
    answer = await read_sums(reader, asked, fields, groups)
    if view.over in UNITS and answer.total > MOST_GROUPS:
        answer = await read_sums(reader, asked, fields, groups, offset=answer.total - MOST_GROUPS)
    made = tuple(map(_group, answer.rows))
    return _found(ChartSeen(made, answer.total - len(made)), (), sum(one.count for one in made), [answer.revision])


READS = {"table": read_table, "calendar": read_calendar, "board": read_board, "chart": read_chart}


async def read_seen(reader: Reads, asked: Asked) -> Found:
    """Read what a view other than the list shows."""
    return await READS[asked.view.kind](reader, asked)


def _found(seen: Seen, rows: Sequence[Row], total: int, revisions: Sequence[int]) -> Found:
    return Found(seen, tuple(rows), total, min(revisions), is_steady=len(set(revisions)) == 1)


async def read_sums(
    reader: Reads,
    asked: Asked,
    fields: Sequence[str],
    groups: Mapping[str, str] = MappingProxyType({}),
    *,
    most: int = MOST_GROUPS,
    offset: int = 0,
) -> StoreAnswer:
    """Ask for counts and sums of the rows that pass the filters: of all, or for each group.

    `groups`: `by`, `per` and `zone`, as the verb `sum` has them.
    """
    values: Row = {"fields": list(fields), **groups}
    order = StoreOrder(verb="sum", table=asked.table.name, where=asked.where, values=values, limit=most, offset=offset)
    return await ask_store(reader.bus, order)


def _group(row: Row) -> Group:
    return Group(row.get("value"), row["count"], row["sums"])
