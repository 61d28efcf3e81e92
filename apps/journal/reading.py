"""What the journal shows, asked from the store: changes that pass its filter, what their rows are called, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from apps.causes import Why, why
from apps.core import CORE
from apps.history import known_about, names_of, rows_of
from apps.sentences import place_of
from apps.tables import Row, Table
from apps.views import AppView
from bus.messages import StoreOrder

EVERYTHING = "everything"
CHAT = "chat"
SETTINGS = "settings"
SPECIAL = {CHAT: ["message", "conversation"], SETTINGS: ["setting"]}
"""Tables of the core that a filter can name."""
ACTORS = ("user", "model", "app", "system")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the user chose to see. Days are those of this machine; None for no limit."""

    app: str = ""
    actor: str = ""
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filter":
        """Read it from an address; what makes no sense is left out."""
        actor = query.get("actor", "")
        return cls(query.get("app", ""), actor if actor in ACTORS else "", day(query, "from"), day(query, "to"))

    def where(self, tables: Mapping[str, Collection[Table]]) -> Row:
        """Return it as a `where` map of the table `change`. `tables`: of each app."""
        where: Row = {}
        if self.app != EVERYTHING:
            where["subject"] = self.subjects(tables)
        if self.actor:
            where["actor"] = self.actor
        limits = {"from": begin(self.first), "to": begin(self.last + timedelta(days=1)) if self.last else None}
        if found := {name: limit for name, limit in limits.items() if limit is not None}:
            where["at"] = found
        return where

    def subjects(self, tables: Mapping[str, Collection[Table]]) -> list[str]:
        """Return the names of the tables whose changes are shown: without a choice, those of all apps."""
        if self.app in SPECIAL:
            return SPECIAL[self.app]
        chosen = [self.app] if self.app in tables else list(tables)
        return [table.name for app in chosen for table in tables[app] if not table.read_only]


def day(query: Mapping[str, str], name: str) -> date | None:
    """Return a day of an address."""
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None


def begin(one: date | None) -> float | None:
    """Return when a day begins, in Unix seconds."""
    return datetime.combine(one, time()).timestamp() if one else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A change, what its row is called, and why it happened."""

    change: Row
    name: str
    why: Why


@dataclass(frozen=True, slots=True)
class Journal:
    """Entries, the newest first; `total`: how many pass the filter."""

    filter: Filter
    entries: tuple[Entry, ...] = ()
    total: int = 0
    tables: Mapping[str, Table] = field(default_factory=dict)
    profiles: Mapping[int, str] = field(default_factory=dict)


async def read_journal(view: AppView) -> Journal:
    """Return what the journal shows now."""
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
    entries = tuple(Entry(change, names.get(place_of(change), ""), why(change, known)) for change in changes)
    return Journal(chosen, entries, answer.total, tables, profiles)
