"""Read what the journal shows: the changes that match its filter, the titles of their rows, and their causes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from apps.causes import Why, why
from apps.change_lookup import known_about, names_of, rows_of
from apps.core import CORE
from apps.sentences import row_ref
from apps.tables import Row, Table
from apps.types.reader import HERE, Reader
from apps.views import AppView
from bus.messages import StoreOrder

EVERYTHING = "everything"
CHAT = "chat"
SETTINGS = "settings"
SPECIAL = {CHAT: ["message", "conversation"], SETTINGS: ["setting"]}
"""Choices of the filter that stand for tables of the core."""
ACTORS = ("user", "model", "app", "system")
CLIENT = "client:"
"""Stands before the name of a program in the filter of who did it."""
MOST_CLIENTS = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """The user's filter. Days are in the time zone of this machine; None: no limit."""

    app: str = ""
    actor: str = ""
    client: str = ""
    """Name of a program that came with a key of its own."""
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filter":
        """Read the filter from the query of a URL, without bad values."""
        who = query.get("actor", "")
        actor, client = who if who in ACTORS else "", who.removeprefix(CLIENT) if who.startswith(CLIENT) else ""
        return cls(query.get("app", ""), actor, client, day(query, "from"), day(query, "to"))

    def where(self, tables: Mapping[str, Collection[Table]]) -> Row:
        """Return the filter as a `where` map of the table `change`. `tables`: the tables of each app."""
        where: Row = {}
        if self.app != EVERYTHING:
            where["subject"] = self.subjects(tables)
        if self.actor:
            where["actor"] = self.actor
        if self.client:
            where["client"] = self.client
        limits = {"from": begin(self.first), "to": begin(self.last, after=1)}
        if found := {name: limit for name, limit in limits.items() if limit is not None}:
            where["at"] = found
        return where

    def subjects(self, tables: Mapping[str, Collection[Table]]) -> list[str]:
        """Return the names of the tables whose changes are shown. Without a choice: the tables of all apps."""
        if self.app in SPECIAL:
            return SPECIAL[self.app]
        chosen = [self.app] if self.app in tables else list(tables)
        return [table.name for app in chosen for table in tables[app] if not table.read_only]


def day(query: Mapping[str, str], name: str) -> date | None:
    """Return the day in a query, None if there is none."""
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None


def begin(one: date | None, after: int = 0) -> float | None:
    """Return when a day begins, or one some days `after` it, in Unix seconds; None at the ends of the calendar."""
    try:
        return datetime.combine(one + timedelta(days=after), time()).timestamp() if one else None
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Entry:
    """A change, the title of its row, and its cause."""

    change: Row
    name: str
    why: Why


@dataclass(frozen=True, slots=True)
class Journal:
    """Entries, the newest first; `total`: how many changes match the filter."""

    filter: Filter
    entries: tuple[Entry, ...] = ()
    total: int = 0
    tables: Mapping[str, Table] = field(default_factory=dict)
    profiles: Mapping[int, str] = field(default_factory=dict)
    clients: tuple[str, ...] = ()
    """Names of the programs that have changed something."""
    reader: Reader = HERE
    """Whoever looks at it."""


async def read_journal(view: AppView) -> Journal:
    """Return what the journal shows."""
    chosen = Filter.of(view.query)
    order = StoreOrder(
        verb="list",
        table="change",
        where=chosen.where(view.tables),
        sort="-id",
        limit=min(view.limit, 1000),
        offset=view.offset,
    )
    answer = await view.ask(order)
    changes, tables = answer.rows, {table.name: table for table in CORE}
    tables |= {table.name: table for own in view.tables.values() for table in own}
    names = await names_of(view.ask, changes, tables)
    known = await known_about(view.ask, changes)
    profiles = {row["id"]: row["name"] for row in await rows_of(view.ask, "profile", {})}
    entries = tuple(Entry(change, names.get(row_ref(change), ""), why(change, known)) for change in changes)
    return Journal(chosen, entries, answer.total, tables, profiles, await clients(view), view.reader)


async def clients(view: AppView) -> tuple[str, ...]:
    """Return the names of the programs that have changed something, also of those whose key was revoked."""
    order = StoreOrder(verb="sum", table="change", values={"by": "client"}, limit=MOST_CLIENTS)
    return tuple(row["value"] for row in (await view.ask(order)).rows if row["value"])
