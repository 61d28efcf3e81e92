"""Read the list of conversations: the pinned ones, then the newest; or those in which words are found."""

import asyncio
from typing import Protocol

from apps.tables import Row
from bus.bus import Bus
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.html.chat.conversations import conversation_title
from web.live.branches.reading import trunk_of
from web.state.talks.lists import MOST_PINNED, TALKS_SHOWN, Hit, TalkList, TalkWindow

LISTED = {"version": False, "run": ""}
"""Which conversations are listed: no other versions of one, which its messages lead to, and no drafts of a workflow."""
MOST_HITS = 200
"""Messages that a search looks at, the best; they may be in fewer conversations."""


class Read(Protocol):
    """Rows as they were at a revision."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows."""

    @property
    def more(self) -> bool:
        """Whether there are more."""

    @property
    def revision(self) -> int:
        """The revision."""


class Reader(Protocol):
    """Asks the store: `web.live.queries.Reader`."""

    bus: Bus

    async def read(self, table: str, most: int, where: Row | None = None, sort: str = "", offset: int = 0) -> Read:
        """Read up to `most` rows."""


async def read_talks(reader: Reader, window: TalkWindow) -> tuple[TalkList, int]:
    """Read what the list of a tab shows. Return the revision, too."""
    return await (find_talks if window.words else list_talks)(reader, window)


async def list_talks(reader: Reader, window: TalkWindow) -> tuple[TalkList, int]:
    """Read the pinned conversations, and the newest others from an offset on."""
    pinned = await reader.read("conversation", MOST_PINNED, {**LISTED, "pinned": True}, "-id")
    first = () if window.offset else pinned.rows
    others = {**LISTED, "pinned": False}
    rest = await reader.read("conversation", TALKS_SHOWN - len(first), others, "-id", window.offset)
    return TalkList((*first, *rest.rows), rest.more, offset=window.offset), min(pinned.revision, rest.revision)


async def find_talks(reader: Reader, window: TalkWindow) -> tuple[TalkList, int]:
    """Read the conversations with the words in their titles, then those with the words in a message."""
    values, spoken = {"text": window.words}, {"conversation": {"from": 1}}
    by_title = StoreOrder(verb="search", table="conversation", values=values, limit=TALKS_SHOWN)
    by_text = StoreOrder(verb="search", table="message", values=values, where=spoken, limit=MOST_HITS)
    titled, said = await asyncio.gather(ask_store(reader.bus, by_title), ask_store(reader.bus, by_text))
    hits: dict[int, Hit] = {}
    for row in said.rows:
        hits.setdefault(row["conversation"], Hit(row["id"], row["text"]))
    found = list(dict.fromkeys([*(row["id"] for row in titled.rows), *hits]))
    known = {row["id"]: row for row in titled.rows}
    if missing := [key for key in found[:TALKS_SHOWN] if key not in known]:
        read = await reader.read("conversation", len(missing), {"id": missing})
        known |= {row["id"]: row for row in read.rows}
    rows = [await with_title(reader, known[key]) for key in found[:TALKS_SHOWN] if key in known]
    return TalkList(tuple(rows), len(found) > TALKS_SHOWN, window.words, hits=hits), titled.revision


async def with_title(reader: Reader, row: Row) -> Row:
    """Return a conversation with the title that people know: a version of one has none of its own."""
    trunk = await trunk_of(reader.read, row["id"]) if row["version"] and not row["title"] else None
    return {**row, "title": conversation_title(trunk)} if trunk else row
