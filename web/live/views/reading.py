"""Read what a table, a calendar, a board or a chart shows. Sums and counts come from the store, over all rows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Protocol

from apps.shown.days import day_of, first_day, month_after
from apps.shown.look import Look
from apps.shown.view import UNITS, View
from apps.tables import Field, Row, Table
from apps.types.reader import Reader as Person
from bus.bus import Bus
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreAnswer, StoreOrder
from bus.store_client import ask_store
from web.state.views.seen import BoardSeen, CalendarSeen, ChartSeen, Column, Group, Seen, TableSeen

MOST_IN_CALENDAR = 1_000
MOST_IN_COLUMN = 100
MOST_GROUPS = 200
"""Heads of groups in a table; bars of a chart."""
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


@dataclass(frozen=True, slots=True)
class Found:
    """What was read."""

    seen: Seen
    rows: tuple[Row, ...]
    """Every row in it."""
    total: int
    """How many rows pass the filters."""
    revision: int
    more: bool = False
    is_steady: bool = True
    """All answers are of one revision of the store."""


async def read_seen(reader: Reads, asked: Asked) -> Found:
    """Read what a view other than the list shows."""
    return await {"table": read_table, "calendar": read_calendar, "board": read_board, "chart": read_chart}[
        asked.view.kind
    ](reader, asked)


async def read_table(reader: Reads, asked: Asked) -> Found:
    """Read the rows of a table in its order, the sums of all rows, and those of each group."""
    view, name = asked.view, asked.table.name
    total, groups = await asyncio.gather(
        read_sums(reader, asked, view.sums), read_sums(reader, asked, view.sums, by=view.group)
    )
    answers = [total, *([groups] if view.group else [])]
    made = tuple(sorted(map(_group, groups.rows), key=lambda one: one.value in ("", None))) if view.group else ()
    if view.group:
        rows, revisions = await _by_group(reader, asked, made)
    else:
        read = await reader.read(name, asked.limit, asked.where, view.sort or asked.order, asked.offset)
        rows, revisions = read.rows, [read.revision]
    revisions += [one.revision for one in answers]
    whole = _group(total.rows[0])
    more = asked.offset + len(rows) < whole.count
    seen = TableSeen(whole, made)
    return Found(seen, tuple(rows), whole.count, min(revisions), more, len(set(revisions)) == 1)


async def _by_group(reader: Reads, asked: Asked, groups: Sequence[Group]) -> tuple[list[Row], list[int]]:
    """Read the rows of the window, group by group."""
    view, rows, skip, revisions = asked.view, list[Row](), asked.offset, list[int]()
    for one in groups:
        if skip >= one.count:
            skip -= one.count
            continue
        if len(rows) >= asked.limit:
            break
        where = {**asked.where, view.group: one.value}
        sort = view.sort or asked.order
        read = await reader.read(asked.table.name, asked.limit - len(rows), where, sort, skip)
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
    days: dict[date, list[Row]] = {}
    for row in read.rows:
        if day := day_of(one.kind, row[one.name], zone):
            days.setdefault(day, []).append(row)
    seen = CalendarSeen(
        first,
        today,
        weeks,
        {day: tuple(rows) for day, rows in days.items()},
        undated.total,
        read.total - len(read.rows),
    )
    return _found(seen, read.rows, total.total, [read.revision, undated.revision, total.revision])


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
    values = [value for value in (*one.choices, "") if chosen in (None, value)]
    values = list(dict.fromkeys(values))
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
    """Read the number of each group, or of each span of time."""
    view = asked.view
    fields = (view.sum,) if view.sum else ()
    if view.over in UNITS:
        zone = getattr(asked.person.zone, "key", "") or UTC
        newest = await read_sums(reader, asked, fields, by=view.date, per=view.over, zone=zone)
        offset = max(0, newest.total - MOST_GROUPS)
        answer = newest
        if offset:
            answer = await read_sums(reader, asked, fields, by=view.date, per=view.over, zone=zone, offset=offset)
    else:
        answer = await read_sums(reader, asked, fields, by=view.over)
    groups = tuple(_group(row) for row in answer.rows)
    total = sum(group.count for group in groups)
    return _found(ChartSeen(groups, answer.total - len(groups)), (), total, [answer.revision])


def _found(seen: Seen, rows: Sequence[Row], total: int, revisions: Sequence[int]) -> Found:
    return Found(seen, tuple(rows), total, min(revisions), is_steady=len(set(revisions)) == 1)


async def read_sums(
    reader: Reads, asked: Asked, fields: Sequence[str], *, by: str = "", per: str = "", zone: str = "", offset: int = 0
) -> StoreAnswer:
    """Ask for counts and sums of the rows that pass the filters: of all, of each value of `by`, or of each span."""
    values: Row = {"fields": list(fields)}
    values |= {"by": by} if by else {}
    values |= {"per": per, "zone": zone} if per else {}
    most = min(MOST_GROUPS, MAX_ANSWER_ROWS)
    order = StoreOrder(verb="sum", table=asked.table.name, where=asked.where, values=values, limit=most, offset=offset)
    return await ask_store(reader.bus, order)


def _group(row: Row) -> Group:
    return Group(row.get("value"), row["count"], row["sums"])
