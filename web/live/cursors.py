"""How far one tab has each streaming text: a cursor into each shared draft.

Only what lies past the cursor is sent, so the bytes sent grow with the text, not with its square. Each finished block,
and each finished item of a list, is sent once as HTML. The open block is sent as plain text.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from web.live.outbox import Ending
from web.live.streams import Stream, Streams
from web.live.writing.draft import PROSE, Draft

BUSY_SECONDS = 0.004
"""Text that comes so soon after the last piece is joined with what follows; text that comes later is sent at once."""
EVERY_MESSAGE = -1
"""In place of a message's id: all messages of the chat."""


@dataclass(slots=True)
class Cursor:
    """How far a tab has a stream."""

    stream: Stream
    pieces: int = 0
    """Pieces of the transcript that are sent, or held back."""
    thoughts: int = 0
    """Pieces of the model's thoughts."""
    blocks: int = 0
    """Whole blocks of the draft."""
    items: int | None = None
    """Items of the list behind these blocks; None while the tab shows no such list."""
    kind: str = PROSE
    """How the tab shows the open block."""
    shown: int = 0
    """Characters of the open block."""


class Cursors:
    """The cursors of one tab, by the id of the message."""

    def __init__(
        self,
        streams: Streams,
        conversation: Callable[[], int],
        is_in_page: Callable[[int], bool],
        remarks: Callable[[], Collection[int]],
    ) -> None:
        """`streams`: of all tabs. `conversation`: returns the id of the one that this tab shows.

        `is_in_page`: whether the tab has the message of this id in its page. `remarks`: the ids of those that it shows.
        """
        self._streams = streams
        self._conversation = conversation
        self._is_in_page = is_in_page
        self._remarks = remarks
        self._cursors: dict[int, Cursor] = {}
        self._sent_at = 0.0
        """When text was sent last, in the loop's time."""

    def have_more(self) -> bool:
        """Return whether a text has grown past its cursor."""
        return any(self._has_more(stream) for stream in self._shown())

    def busy_seconds(self) -> float:
        """Return how long to wait for more text, so that a burst goes in few pieces; 0 or less: not at all."""
        return self._sent_at + BUSY_SECONDS - asyncio.get_running_loop().time()

    def advance(self) -> list[str]:
        """Move all cursors to the end; return the texts to send for what lay between.

        The first line of each says what to do with the rest: `=ID` replaces the text of the message, `+ID` appends to
        its open block, `|ID COUNT KIND` puts finished blocks behind the first COUNT ones and begins an open block of
        that kind, `|ID COUNT.ITEMS KIND` puts items into the list behind COUNT blocks, behind its first ITEMS ones,
        `~ID SECONDS` appends to the model's thoughts; the first such text says for how long it has thought.
        """
        shown = {stream.message: stream for stream in self._shown()}
        if len(self._cursors) > len(shown):  # of answers that ended outside of the page
            self._cursors = {message: cursor for message, cursor in self._cursors.items() if message in shown}
        streams = [stream for stream in shown.values() if self._is_in_page(stream.message)]
        texts = [text for stream in streams for text in self._advance(stream)]
        if texts:
            self._sent_at = asyncio.get_running_loop().time()
        return texts

    def forget(self, message: int) -> None:
        """Send the text of a message (or of EVERY_MESSAGE) whole the next time: its element was drawn without it."""
        if message == EVERY_MESSAGE:
            self._cursors.clear()
        else:
            self._cursors.pop(message, None)

    def _shown(self) -> list[Stream]:
        conversation = self._conversation()
        shown = list(self._streams.of(conversation).values()) if conversation else []
        if remarks := self._streams.of(0):
            shown += [stream for message, stream in remarks.items() if message in self._remarks()]
        return shown

    def _has_more(self, stream: Stream) -> bool:
        if not self._is_in_page(stream.message):
            return False
        cursor, transcript = self._cursors.get(stream.message), stream.transcript
        if cursor is None or cursor.stream is not stream:
            return True
        return len(transcript.pieces) > cursor.pieces or len(transcript.thoughts) > cursor.thoughts

    def _advance(self, stream: Stream) -> list[str]:
        transcript, draft, texts = stream.transcript, stream.draft, []
        cursor = self._cursors.get(stream.message)
        if cursor is None or cursor.stream is not stream:
            cursor = self._cursors[stream.message] = Cursor(stream)
            cursor.shown = 0 if draft.blocks or draft.kind != PROSE else len(draft.open)
            texts.append(f"={stream.message}\n{draft.open[: cursor.shown]}")
        if thoughts := "".join(transcript.thoughts[cursor.thoughts :]):
            clock = "" if cursor.thoughts else f" {stream.thought_seconds}"
            texts.append(f"~{stream.message}{clock}\n{thoughts}")
        cursor.pieces, cursor.thoughts = len(transcript.pieces), len(transcript.thoughts)
        return texts + _advance_in_draft(cursor, draft)

    def end(self, ending: Ending) -> list[str]:
        """Return the texts that end a message in a tab which has shown it as it was written; none if it has not.

        What the tab shows stays, except blocks that became something else.
        """
        cursor = self._cursors.pop(ending.message, None)
        if cursor is None or cursor.stream.transcript.generation != ending.generation:
            return []
        draft, pieces = cursor.stream.draft, ending.pieces
        pairs = enumerate(zip(draft.blocks[: cursor.blocks], pieces, strict=False))
        kept = next((place for place, (one, other) in pairs if one != other), min(cursor.blocks, len(pieces)))
        texts: list[str] = []
        if kept == cursor.blocks < len(pieces) and (items := _last_items(cursor, pieces[kept])) is not None:
            texts.append(f"|{ending.message} {kept}.{cursor.items} {PROSE}\n{items}")
            kept += 1
        if kept < len(pieces) or not texts:
            texts.append(f"|{ending.message} {kept} {PROSE}\n{''.join(pieces[kept:])}")
        return [*texts, ending.around]


def _advance_in_draft(cursor: Cursor, draft: Draft) -> list[str]:
    message, items = cursor.stream.message, cursor.items
    texts = [] if items is None else list(_advance_in_list(cursor, draft, items))
    blocks = draft.blocks[cursor.blocks :]
    begun = draft.open_list if cursor.items is None else None
    if blocks or begun or draft.kind != cursor.kind:
        html = "".join([*blocks, begun.html if begun else ""])
        texts.append(f"|{message} {cursor.blocks} {draft.kind}\n{html}")
        cursor.blocks, cursor.kind, cursor.shown = len(draft.blocks), draft.kind, 0
        cursor.items = len(begun.items) if begun else None
    if more := draft.open[cursor.shown :]:
        texts.append(f"+{message}\n{more}")
        cursor.shown = len(draft.open)
    return texts


def _advance_in_list(cursor: Cursor, draft: Draft, shown: int) -> Iterator[str]:
    """Yield what the list that the tab shows has got. `shown`: how many of its items the tab has."""
    has_ended = len(draft.blocks) > cursor.blocks
    kind = PROSE if has_ended else draft.kind
    items = draft.lists[cursor.blocks].items
    if len(items) > shown or kind != cursor.kind:
        html = "".join(f"{item}\n" for item in items[shown:])
        yield f"|{cursor.stream.message} {cursor.blocks}.{shown} {kind}\n{html}"
        cursor.kind, cursor.shown = kind, 0
    cursor.items = None if has_ended else len(items)
    cursor.blocks += has_ended


def _last_items(cursor: Cursor, ended: str) -> str | None:
    """Return the items that a tab lacks of a list that has ended; None if it shows no list, or another one."""
    shown = cursor.stream.draft.lists.get(cursor.blocks) if cursor.items is not None else None
    start = f"{shown.upto(cursor.items or 0)}\n" if shown else ""
    return ended[len(start) :].removesuffix(shown.end) if shown and ended.startswith(start) else None
