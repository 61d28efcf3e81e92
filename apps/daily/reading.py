"""Read a day at a glance from the store, over all apps, in one profile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from apps.change_lookup import names_of, rows_by
from apps.core import CORE, MESSAGE, MORNING, REMINDER, SCHEDULE
from apps.daily.changed import Changed, grouped
from apps.daily.due import COMING, OVERDUE, TODAY, Due, due_tables, dues_of, in_order
from apps.daily.tidy import Card, done_card, done_field, overdue_card, twice_card
from apps.due.reminding import is_reminded
from apps.sentences import RowRef, row_ref, title_of
from apps.tables import Row, Table
from apps.views import Ask
from bus.messages import StoreOrder

MOST_DUE = 100
"""Rows of one table that are due."""
MOST_CHANGES = 500
"""The newest changes since yesterday that are told."""
MOST_WAITING = 20
"""Proposals that wait for the user, the newest."""
MOST_MISSED = 20
"""Reminders, and schedules, the newest."""
MOST_ROWS = 500
"""Rows of one table that are compared with each other, the newest."""
KEPT_DONE = timedelta(days=7)
"""What is done stays so long after its last change before it is proposed to delete it."""
MOST_RECENT = 1_000
"""Changes in that time; after more of them nothing is known to be old."""
NOT_CARRIED_OUT = ("Skipped", "Not done", "Switched off")
"""How the outcome of a schedule begins that did not do what it is for."""

Tables = Mapping[str, Sequence[Table]]
"""The tables of each app, by the app's name."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder of an earlier day that nobody has dismissed, and what it is about."""

    id: int
    table: Table
    row: int | str
    title: str
    due: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day at a glance."""

    now: datetime
    """With the reader's zone."""
    dues: tuple[Due, ...] = ()
    changes: tuple[Changed, ...] = ()
    more_changes: int = 0
    """Earlier changes since yesterday, which are not told."""
    waiting: tuple[Row, ...] = ()
    """Cards of the chat that wait for the user's yes, the newest first."""
    reminders: tuple[Reminded, ...] = ()
    missed: tuple[Row, ...] = ()
    """Schedules that did not do what they are for, since yesterday."""
    cards: tuple[Card, ...] = ()
    """What could be tidied."""
    morning: Row | None = None
    """The row with the assistant's lines of today; None if there is none."""
    schedule: Row | None = None
    """The schedule that makes the page ready; None if there is none."""

    def in_span(self, span: str) -> tuple[Due, ...]:
        """Return what is `OVERDUE`, due `TODAY` or `COMING`, in its order."""
        return tuple(one for one in self.dues if one.span == span)

    @property
    def overdue(self) -> tuple[Due, ...]:
        """What should have been done before."""
        return self.in_span(OVERDUE)

    @property
    def today(self) -> tuple[Due, ...]:
        """What is due today."""
        return self.in_span(TODAY)

    @property
    def coming(self) -> tuple[Due, ...]:
        """What is due in the next days."""
        return self.in_span(COMING)


class DayReader:
    """Reads a day. Each part is one order to the store for each table, or one for all."""

    def __init__(self, ask: Ask, tables: Tables, profile: int, now: datetime) -> None:
        """`now`: with the reader's zone."""
        self._ask = ask
        self._tables = tables
        self._profile = profile
        self._now = now

    async def read(self) -> Day:
        """Return all of it."""
        dues = await self._dues()
        changes, more = await self._changes()
        return Day(
            now=self._now,
            dues=dues,
            changes=changes,
            more_changes=more,
            waiting=tuple(await self._list(MESSAGE.name, {"role": "action", "state": "proposed"}, MOST_WAITING)),
            reminders=await self._reminders(),
            missed=await self._missed(),
            cards=await self.cards(dues),
            morning=await self._morning(),
            schedule=await self._schedule(),
        )

    async def cards(self, dues: Sequence[Due] | None = None) -> tuple[Card, ...]:
        """Return what could be tidied. `dues`: what is due, if it was read already."""
        dues = await self._dues() if dues is None else dues
        moved = [self._moved(own) for own in by_table(dues)]
        made = [card for table in self._tidied() for card in await self._deleted(table)]
        return tuple(card for card in (*moved, *made) if card)

    # --- what is due ---

    async def _dues(self) -> tuple[Due, ...]:
        found: list[Due] = []
        for table in due_tables(self._tables):
            where = table.where(self._now, self._profile)
            rows = await self._list(table.table.name, where, MOST_DUE, table.field.name)
            found += dues_of(table, rows, self._now)
        return in_order(found)

    # --- what has changed ---

    async def _changes(self) -> tuple[tuple[Changed, ...], int]:
        tables = self._known()
        where = {"subject": list(tables), "at": {"from": self._yesterday()}}
        answer = await self._ask(StoreOrder(verb="list", table="change", where=where, sort="-id", limit=MOST_CHANGES))
        changes = await self._of_profile(answer.rows, tables)
        names = await names_of(self._ask, changes, tables)
        return grouped(changes, tables, names), max(0, answer.total - len(answer.rows))

    async def _of_profile(self, changes: Sequence[Row], tables: Mapping[str, Table]) -> list[Row]:
        """Return the changes of rows of the profile in view. An update says only what differs: its row is read."""
        here: set[RowRef] = set()
        for name in {one["subject"] for one in changes if tables[one["subject"]].scoped}:
            keys = {one["row"] for one in changes if one["subject"] == name}
            here |= {
                (name, row["id"]) for row in await rows_by(self._ask, name, "id", keys, {"profile": self._profile})
            }

        def is_here(change: Row) -> bool:
            is_gone = (change["after"] or change["before"]).get("profile") == self._profile
            return not tables[change["subject"]].scoped or row_ref(change) in here or is_gone

        return [one for one in changes if is_here(one)]

    def _known(self) -> dict[str, Table]:
        every = (table for own in self._tables.values() for table in own)
        return {table.name: table for table in every if table not in CORE and not table.read_only}

    def _yesterday(self) -> float:
        """Return when yesterday began, in Unix seconds."""
        day = self._now.date() - timedelta(days=1)
        return datetime.combine(day, time(), self._now.tzinfo).timestamp()

    # --- what was missed ---

    async def _reminders(self) -> tuple[Reminded, ...]:
        where = {"state": "new", "profile": [self._profile, 0]}
        today = self._now.date().isoformat()
        found = [one for one in await self._list(REMINDER.name, where, MOST_MISSED) if one["due"] < today]
        tables = self._known()
        made: list[Reminded] = []
        for name in dict.fromkeys(one["subject"] for one in found if one["subject"] in tables):
            own, table = [one for one in found if one["subject"] == name], tables[name]
            rows = {row["id"]: row for row in await rows_by(self._ask, name, "id", [one["row"] for one in own])}
            made += [
                Reminded(one["id"], table, one["row"], title_of(rows[one["row"]], table), one["due"])
                for one in own
                if one["row"] in rows and is_reminded(table, rows[one["row"]], one["due"])
            ]
        return tuple(made)

    async def _missed(self) -> tuple[Row, ...]:
        where = {"profile": self._profile, "last": {"from": self._yesterday()}}
        rows = await self._list(SCHEDULE.name, where, MOST_MISSED)
        return tuple(row for row in rows if row["outcome"].startswith(NOT_CARRIED_OUT))

    # --- the page itself ---

    async def _morning(self) -> Row | None:
        rows = await self._list(MORNING.name, {"profile": self._profile}, 1)
        made = rows[0]["created"] if rows else 0.0
        is_of_today = datetime.fromtimestamp(made, self._now.tzinfo).date() == self._now.date()
        return rows[0] if rows and is_of_today else None

    async def _schedule(self) -> Row | None:
        return schedule_in(await self._list(SCHEDULE.name, {"profile": self._profile, "kind": "order"}, MOST_DUE))

    # --- what could be tidied ---

    def _moved(self, dues: Sequence[Due]) -> Card | None:
        return overdue_card(dues, self._now.date(), self._now)

    def _tidied(self) -> list[Table]:
        return [one for one in self._known().values() if not (one.made_by_jobs or one.keyed or one.unique)]

    async def _deleted(self, table: Table) -> list[Card | None]:
        if not done_field(table):
            return []
        scope = {"profile": self._profile} if table.scoped else {}
        rows = await self._list(table.name, scope, MOST_ROWS)
        recent = await self._changed_lately(table) if any(row[done_field(table)] for row in rows) else None
        old = [] if recent is None else rows
        return [done_card(table, old, recent or ()), twice_card(table, rows)]

    async def _changed_lately(self, table: Table) -> set[Any] | None:
        """Return the ids of the rows that were changed in the last days; None if there are too many to know."""
        since = (self._now - KEPT_DONE).timestamp()
        where = {"subject": table.name, "at": {"from": since}}
        answer = await self._ask(StoreOrder(verb="list", table="change", where=where, sort="-id", limit=MOST_RECENT))
        return None if answer.more else {one["row"] for one in answer.rows}

    async def _list(self, table: str, where: Row, limit: int, sort: str = "-id") -> list[Row]:
        return (await self._ask(StoreOrder(verb="list", table=table, where=where, sort=sort, limit=limit))).rows


def by_table(dues: Iterable[Due]) -> list[list[Due]]:
    """Return what is due, table by table."""
    found: dict[str, list[Due]] = {}
    for one in dues:
        found.setdefault(one.table.table.name, []).append(one)
    return list(found.values())


def schedule_in(rows: Iterable[Row]) -> Row | None:
    """Return the schedule, of those of a profile, that makes the morning page ready; None if there is none."""
    return next((row for row in rows if (row["action"] or {}).get("table") == MORNING.name), None)
