"""Read from the store what a page shows.

No fact is lost or applied twice: first subscribe to facts, then read, then apply only facts that are newer than what
was read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from apps.core import WAITING
from apps.tables import Row, Table
from apps.types.reader import HERE
from apps.types.reader import Reader as Person
from bus.bus import Bus
from bus.errors import Refused
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.live.branches.reading import NO_TALK, Talk, read_talk, trunk_of
from web.live.reminders.reading import read_shown
from web.live.rows.linked import Linked, read_linked
from web.live.talks.reading import read_talks
from web.live.views.reading import Asked, Found, read_seen
from web.live.views.row_page import read_row_page
from web.state.filters import where_of, wheres_of
from web.state.page_view import MESSAGES_SHOWN, MOST_WAITING, conversation_in, profile_in
from web.state.remarks.shown import about, about_by_table, shown_remarks
from web.state.talks.lists import TalkWindow
from web.state.views.seen import Seen
from web.state.window import AppWindow, Key, order_of

PROFILES_SHOWN = 100
REMARKS_READ = 40
"""Remarks that are read; some of them may be about rows that are gone."""
IMPORTS_SHOWN = 20
TRIES = 10
"""How often the same rows are read again because they changed meanwhile; the last answer is then used as it is."""
MAX_MARK_CHANGES = 1_000
"""The newest changes of the rows in view that are read for the marks. Rows that change more often can lose a mark."""
OTHERS = ["user", "app", "system"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table as they were at a revision."""

    table: str = ""
    rows: tuple[Row, ...] = ()
    more: bool = False
    revision: int = 0
    total: int = 0
    """How many rows match, also beyond those read."""
    counts: Mapping[tuple[str, Any], int] = field(default_factory=dict)
    """For an app's rows: how many rows each filter finds."""
    by_model: frozenset[Key] = frozenset()
    """For an app's rows: ids of those that the assistant changed last."""
    own: Any = None
    """What was read that is no row: by an app that reads for itself, or for the list of conversations."""
    linked: Linked = field(default_factory=Linked)
    """For an app's rows: what is known of the rows that they link to."""
    seen: Seen | None = None
    """For an app's rows that are not shown as the list: what the view shows."""
    talk: Talk = NO_TALK
    """For messages: the chain in which they stand, and the versions in view."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows that a page shows; reads that were not asked for are empty."""

    settings: Mapping[str, Any]
    reads: Mapping[str, Rows]
    """By the names in `READS`."""
    conversation: int = 0
    """Id of the conversation in view; 0 for a new one."""

    @property
    def lacks_conversation(self) -> bool:
        """Whether the conversation was read, and is not there."""
        return bool(self.conversation) and "conversation" in self.reads and not self.of("conversation").rows

    def of(self, name: str) -> Rows:
        """Return what was read under this name."""
        return self.reads.get(name, Rows())

    def revision_of(self, part: str) -> int:
        """Return the revision at which the rows of a part were read: they contain the facts up to it.

        This is not the oldest of all reads: a fact between the two would be drawn twice.
        """
        return self.of(PARTS[part][0]).revision

    @property
    def revision(self) -> int:
        """The oldest of all reads: every read contains the facts up to it."""
        return min((read.revision for read in self.reads.values()), default=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a snapshot is to contain."""

    table: Table | None
    """The table of the app in view; None if it shows none."""
    window: AppWindow
    tables: Mapping[str, Table] = field(default_factory=dict)
    """All tables, by name."""
    read: "Callable[[Bus, Wanted], Awaitable[Rows | None]] | None" = None
    """Reads what the app shows, if the app does so itself."""
    messages: int = MESSAGES_SHOWN
    """How many messages of the conversation are shown."""
    remark: int = 0
    """Id of a remark that is shown although it is older than the last ones; 0 for none."""
    conversation: int = 0
    """Id of the conversation in view; 0 for a new one; a negative one for the one that was opened last."""
    last_message: int = 0
    """Id of the last of them; 0 for the end of the conversation."""
    talks: TalkWindow = field(default_factory=TalkWindow)
    """What the list of conversations shows."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    person: Person = HERE
    """For whom it is read."""

    @property
    def now(self) -> datetime:
        """What the reader's clock shows."""
        return datetime.now(self.person.zone).replace(tzinfo=None)

    @property
    def scope(self) -> Row:
        """Which rows of the app's table are in view before any filter."""
        return scope(self.table, self.settings)


def scope(table: Table | None, settings: Mapping[str, Any]) -> Row:
    """Return which rows of a table are in view: those of the profile, if the table has profiles."""
    return {"profile": profile_in(settings)} if table and table.scoped else {}


@dataclass(slots=True)
class Reader:
    """Asks the store for rows that are at least as new as every fact heard so far."""

    bus: Bus
    newest: dict[str, int] = field(default_factory=dict)
    """Revision of the last fact heard, by table."""

    async def snapshot(self, parts: Collection[str], wanted: Wanted) -> Snapshot:
        """Read what the parts of a page show; read again if a fact heard meanwhile is newer than the answer."""
        for _ in range(TRIES):
            snapshot = await self._once(parts, wanted)
            if all(read.revision >= self.newest.get(read.table, 0) for read in snapshot.reads.values()):
                break
        return snapshot

    async def _once(self, parts: Collection[str], wanted: Wanted) -> Snapshot:
        settings = await self.settings()
        values = {row["id"]: row["value"] for row in settings.rows}
        conversation = conversation_in(values) if wanted.conversation < 0 else wanted.conversation
        with_settings = replace(wanted, settings=values, conversation=conversation)
        names = sorted({name for part in parts for name in PARTS[part]})
        reads = await asyncio.gather(*(READS[name](self, with_settings) for name in names))
        return Snapshot(values, {"settings": settings, **dict(zip(names, reads, strict=True))}, conversation)

    async def settings(self) -> Rows:
        """Read all settings."""
        return await self.read("setting", MAX_ANSWER_ROWS)

    async def read(self, table: str, most: int, where: Row | None = None, sort: str = "", offset: int = 0) -> Rows:
        """Read up to `most` rows, page by page, because the store limits the size and the rows of an answer."""
        rows: list[Row] = []
        revision, total, more = -1, 0, True
        while more and len(rows) < most:
            limit = min(most - len(rows), MAX_ANSWER_ROWS)
            skipped = offset + len(rows)
            order = StoreOrder(verb="list", table=table, where=where or {}, sort=sort, limit=limit, offset=skipped)
            answer = await ask_store(self.bus, order)
            revision = answer.revision if revision < 0 else revision
            rows, more, total = rows + answer.rows, answer.more, answer.total
        return Rows(table, tuple(rows), more, revision, total)

    async def count(self, table: str, where: Row) -> Rows:
        """Return how many rows match."""
        return await self.read(table, 1, where)


# --- the reads ---


async def read_messages(reader: Reader, wanted: Wanted) -> Rows:
    """Read the newest messages of the conversation in view, or those up to `last_message`; oldest first.

    A new conversation has none.
    """
    if not wanted.conversation:
        return await reader.read("message", 1, {"id": 0})  # for its revision: nothing has this id
    talk = await read_talk(reader.read, wanted.conversation, wanted.messages, to=wanted.last_message)
    return Rows("message", talk.rows, talk.more, talk.revision, talk=talk)


async def read_waiting(reader: Reader, wanted: Wanted) -> Rows:
    """Read the questions that wait in the conversation in view."""
    where = {"conversation": wanted.conversation} if wanted.conversation else {"id": 0}
    return await reader.read(WAITING.name, MOST_WAITING, where, "position")


async def read_trunk(reader: Reader, wanted: Wanted) -> Rows:
    """Read the conversation of the menu to which the one in view belongs; it is another one if that is a version."""
    trunk = await trunk_of(reader.read, wanted.conversation)
    return await reader.read("conversation", 1, {"id": trunk["id"] if trunk else 0})


async def read_conversations(reader: Reader, wanted: Wanted) -> Rows:
    """Read what the list of conversations shows."""
    if not wanted.talks.is_open:
        return await reader.read("conversation", 1, {"id": 0})  # for its revision: nothing has this id
    made, revision = await read_talks(reader, wanted.talks)
    return Rows("conversation", made.rows, made.more, revision, own=made)


async def read_remarks(reader: Reader, wanted: Wanted) -> Rows:
    """Read the newest remarks on the open app, newest first, without those about rows that are gone.

    `own` holds all ids that were read, and the rows that these remarks are about.
    """
    where = {"conversation": 0, "purpose": "comment", "app": wanted.window.app}
    read = await reader.read("message", REMARKS_READ, where, "-id")
    rows = list(read.rows)
    if wanted.remark and all(row["id"] != wanted.remark for row in rows):
        rows += (await reader.read("message", 1, {**where, "id": wanted.remark})).rows
    asked = about_by_table(rows)
    found = await asyncio.gather(*(_existing(reader, table, keys) for table, keys in asked.items()))
    there = frozenset(ref for refs in found for ref in refs)
    shown = shown_remarks(rows, there, profile_in(wanted.settings))
    ids, refs = frozenset(row["id"] for row in rows), frozenset(ref for row in rows for ref in about(row))
    return Rows("message", shown, revision=read.revision, own=(ids, refs))


async def read_reminders(reader: Reader, wanted: Wanted) -> Rows:
    """Read what has become due and is still shown; `own` holds it."""
    shown, revision = await read_shown(reader.read, wanted.tables, profile_in(wanted.settings))
    return Rows("reminder", revision=revision, own=shown)


async def _existing(reader: Reader, table: str, keys: list[Key]) -> list[tuple[str, Key]]:
    """Return those of the rows that exist; none of a table that is not there any more."""
    try:
        return [(table, row["id"]) for row in (await reader.read(table, len(keys), {"id": keys})).rows]
    except Refused:
        return []


async def read_rows(reader: Reader, wanted: Wanted) -> Rows:
    """Read the window of the app's rows, how many rows each filter finds, and which rows the assistant changed last."""
    table, window = wanted.table, wanted.window
    if table is None:
        return Rows()
    if wanted.read and (own := await wanted.read(reader.bus, wanted)):
        return own
    if not window.look.is_list:
        return await read_look(reader, wanted, table)
    where = {**wanted.scope, **where_of(table, window.filters, wanted.now)}
    for _ in range(TRIES):
        read, counts = await asyncio.gather(
            reader.read(table.name, window.limit, where, order_of(table), window.offset),
            read_counts(reader, wanted, table),
        )
        if all(one.revision == read.revision for one in counts.values()):
            break
    if window.offset and not read.rows and read.total:  # the rows of this page were deleted meanwhile
        window.offset = 0
        return await read_rows(reader, wanted)
    by_model = await read_marks(reader.bus, table.name, [row["id"] for row in read.rows])
    totals = {key: one.total for key, one in counts.items()}
    linked = await read_linked(
        reader, wanted.tables, table, read.rows, wanted.settings, with_choices=bool(window.edited or not table.nested)
    )
    return Rows(table.name, read.rows, read.more, read.revision, read.total, totals, by_model, linked=linked)


async def read_look(reader: Reader, wanted: Wanted, table: Table) -> Rows:
    """Read what is shown of a table's rows where that is not the list."""
    window = wanted.window
    where = {**wanted.scope, **where_of(table, window.filters, wanted.now)}
    asked = Asked(table, window.look, where, wanted.person, window.limit, window.offset)
    for _ in range(TRIES):
        found, counts = await asyncio.gather(_read_asked(reader, asked, wanted), read_counts(reader, wanted, table))
        if found.is_steady and all(one.revision == found.revision for one in counts.values()):
            break
    if window.offset and not found.rows and found.total:  # the rows of this page were deleted meanwhile
        window.offset = 0
        return await read_look(reader, wanted, table)
    by_model = await read_marks(reader.bus, table.name, [row["id"] for row in found.rows[:MAX_ANSWER_ROWS]])
    totals = {key: one.total for key, one in counts.items()}
    linked = await read_linked(reader, wanted.tables, table, found.rows, wanted.settings)
    return Rows(
        table.name,
        found.rows,
        len(found.rows) < found.total,
        found.revision,
        found.total,
        totals,
        by_model,
        linked=linked,
        seen=found.seen,
    )


async def _read_asked(reader: Reader, asked: Asked, wanted: Wanted) -> Found:
    if asked.look.row:
        return await read_row_page(reader, asked, wanted.tables, profile_in(wanted.settings))
    return await read_seen(reader, asked)


async def read_counts(reader: Reader, wanted: Wanted, table: Table) -> dict[tuple[str, Any], Rows]:
    """Count the rows of the profile that each filter finds."""
    wheres = {**wheres_of(table, wanted.now), ("", None): {}}
    counts = asyncio.gather(*(reader.count(table.name, {**wanted.scope, **where}) for where in wheres.values()))
    by_tag = await read_tags(reader, wanted, table)
    return dict(zip(wheres, await counts, strict=True)) | by_tag


async def read_tags(reader: Reader, wanted: Wanted, table: Table) -> dict[tuple[str, Any], Rows]:
    """Count the rows of the profile that have each tag."""
    found: dict[tuple[str, Any], Rows] = {}
    for one in [tags for tags in table.fields if tags.kind.is_tags]:
        order = StoreOrder(
            verb="sum", table=table.name, where=wanted.scope, values={"by": one.name}, limit=MAX_ANSWER_ROWS
        )
        answer = await ask_store(reader.bus, order)
        groups = {(one.name, row["value"]): row["count"] for row in answer.rows if row["value"] is not None}
        found |= {key: Rows(table.name, revision=answer.revision, total=number) for key, number in groups.items()}
    return found


async def read_marks(bus: Bus, table: str, ids: Sequence[Key]) -> frozenset[Key]:
    """Return the ids of those rows that the model changed last, according to the history.

    The model never changed most rows: the second question is only about those that it did, and often not asked.
    """
    by_model = await newest_changes(bus, table, ids, ["model"])
    if not by_model:
        return frozenset()
    by_others = await newest_changes(bus, table, list(by_model), OTHERS)
    return frozenset(key for key, revision in by_model.items() if revision > by_others.get(key, 0))


async def newest_changes(bus: Bus, table: str, ids: Sequence[Key], actors: list[str]) -> dict[Key, int]:
    """Return the revision of the newest change of each row by one of these actors."""
    if not ids:
        return {}
    where = {"subject": table, "row": list(ids), "actor": actors}
    answer = await ask_store(
        bus, StoreOrder(verb="list", table="change", where=where, sort="-id", limit=MAX_MARK_CHANGES)
    )
    found: dict[Key, int] = {}
    for change in answer.rows:
        found.setdefault(change["row"], change["id"])
    return found


READS: dict[str, Callable[[Reader, Wanted], Awaitable[Rows]]] = {
    "profiles": lambda reader, _: reader.read("profile", PROFILES_SHOWN),
    "conversations": read_conversations,
    "conversation": lambda reader, wanted: reader.read("conversation", 1, {"id": wanted.conversation}),
    "trunk": read_trunk,
    "messages": read_messages,
    "waiting": read_waiting,
    "rows": read_rows,
    "remarks": read_remarks,
    "reminders": read_reminders,
    "imports": lambda reader, _: reader.read("import", IMPORTS_SHOWN, sort="-id"),
}

PARTS: dict[str, tuple[str, ...]] = {
    "bar": ("profiles",),
    "talks": ("conversations", "conversation", "trunk"),
    "chat": ("messages", "conversation"),
    "waiting": ("waiting",),
    "app": ("rows",),
    "list": ("rows",),
    "remarks": ("remarks", "reminders"),
    "files": ("imports", "profiles"),
    "settings": ("profiles",),
}
"""What each part of the page needs, by the names in `READS`; first the rows whose facts change the part later.

`list`: of the app, only the list of rows and their number."""

PAGE = ("bar", "talks", "chat", "waiting", "app", "remarks", "files", "settings")
"""The parts of a whole page."""
