"""What a page shows, asked from the store: subscribe first, then ask, then apply only facts that are newer."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.tables import Row, Table
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder
from web.views import CONVERSATIONS_SHOWN, MESSAGES_SHOWN, ROWS_SHOWN, conversation_in, profile_in

ROWS_AT_ONCE = 1000
PROFILES_SHOWN = 100
TRIES = 10
"""Reads of the same rows that may be overtaken by a change before the newest one is taken as it is."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table as they were at a revision."""

    table: str = ""
    rows: tuple[Row, ...] = ()
    more: bool = False
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows that a page shows; parts that were not asked for are empty."""

    settings: Mapping[str, Any]
    reads: Mapping[str, Rows]
    """By the names in `READS`."""

    def of(self, name: str) -> Rows:
        """Return what was read under this name."""
        return self.reads.get(name, Rows())

    def revision_of(self, part: str) -> int:
        """Return the revision at which the rows of a part were read: facts about them up to this one are contained.

        Not the oldest of all reads: a fact between that and this one would be drawn a second time.
        """
        return self.of(PARTS[part][0]).revision

    @property
    def revision(self) -> int:
        """The oldest of all: facts up to this one are contained everywhere."""
        return min((read.revision for read in self.reads.values()), default=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom a snapshot is taken."""

    table: Table
    """Of the app in view."""
    settings: Mapping[str, Any]

    @property
    def conversation(self) -> int:
        """Id of the conversation in view; 0 before the first one."""
        return conversation_in(self.settings)

    @property
    def scope(self) -> Row:
        """What the rows of the app's table must have."""
        return {"profile": profile_in(self.settings)} if self.table.scoped else {}


@dataclass(slots=True)
class Reader:
    """Asks the store for rows that are at least as new as every fact heard so far."""

    bus: Bus
    newest: dict[str, int] = field(default_factory=dict)
    """Revision of the last fact heard, by table."""

    async def snapshot(self, table: Table, parts: Collection[str]) -> Snapshot:
        """Read what the parts of a page show; again, if a fact heard meanwhile is newer than what was read."""
        for _ in range(TRIES):
            snapshot = await self._once(table, parts)
            if all(read.revision >= self.newest.get(read.table, 0) for read in snapshot.reads.values()):
                break
        return snapshot

    async def _once(self, table: Table, parts: Collection[str]) -> Snapshot:
        settings = await self.read("setting", ROWS_AT_ONCE)
        wanted = Wanted(table, {row["id"]: row["value"] for row in settings.rows})
        names = sorted({name for part in parts for name in PARTS[part]})
        reads = await asyncio.gather(*(READS[name](self, wanted) for name in names))
        return Snapshot(wanted.settings, {"settings": settings, **dict(zip(names, reads, strict=True))})

    async def read(self, table: str, most: int, where: Row | None = None, sort: str = "") -> Rows:
        """Read up to `most` rows, page by page: an answer of the store is limited in size as well as in number."""
        rows: list[Row] = []
        revision, more = -1, True
        while more and len(rows) < most:
            limit = min(most - len(rows), ROWS_AT_ONCE)
            order = StoreOrder(verb="list", table=table, where=where or {}, sort=sort, limit=limit, offset=len(rows))
            answer = await ask_store(self.bus, order)
            revision = answer.revision if revision < 0 else revision
            rows, more = rows + answer.rows, answer.more
        return Rows(table, tuple(rows), more, revision)


async def read_messages(reader: Reader, wanted: Wanted) -> Rows:
    """Read the newest messages of the conversation in view, oldest first."""
    read = await reader.read("message", MESSAGES_SHOWN, {"conversation": wanted.conversation}, "-id")
    return Rows(read.table, read.rows[::-1], read.more, read.revision)


READS: dict[str, Callable[[Reader, Wanted], Awaitable[Rows]]] = {
    "profiles": lambda reader, _: reader.read("profile", PROFILES_SHOWN),
    "conversations": lambda reader, _: reader.read("conversation", CONVERSATIONS_SHOWN, sort="-id"),
    "conversation": lambda reader, wanted: reader.read("conversation", 1, {"id": wanted.conversation}),
    "messages": read_messages,
    "rows": lambda reader, wanted: reader.read(
        wanted.table.name, ROWS_SHOWN, wanted.scope, "position" if wanted.table.sortable else "id"
    ),
}

PARTS: dict[str, tuple[str, ...]] = {
    "bar": ("profiles", "conversations", "conversation"),
    "chat": ("messages", "conversation"),
    "app": ("rows",),
    "list": ("rows",),
}
"""What each part of the page shows, by the names in `READS`; first the rows whose facts change the part later on.

`list`: of the app, the list of rows alone."""

PAGE = ("bar", "chat", "app")
"""The parts that make a whole page."""


async def ask_store(bus: Bus, order: StoreOrder, *, cause: str = "", id: str = "") -> StoreAnswer:  # noqa: A002
    """Send an order to the store; return its answer, or raise `Refused` or `NoAnswer`."""
    heard = await bus.ask(order, order.table, cause=cause, id=id)
    answer: StoreAnswer = heard.message
    if not answer.ok:
        raise Refused(str(answer.error.get("code", "failed")), str(answer.error.get("message", "The store refused.")))
    return answer
