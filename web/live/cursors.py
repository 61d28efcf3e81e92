"""How far one tab has each streaming text: a cursor into each shared draft.

Only what lies past the cursor is sent, so the bytes sent grow with the text, not with its square. Each finished block,
each finished item of a list, and each finished part of an open item is sent once as HTML. The open block is sent as
plain text.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from web.html.chat.markdown import Part, nested
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
    parts: int = 0
    """Parts of the item behind these items."""
    kind: str = PROSE
    """How the tab shows the open block."""
    depth: int = 0
    """How many elements below the list it shows it."""
    shown: int = 0
    """Characters of the open block."""

    def frame(self, place: str, html: str, kind: str, depth: int = 0) -> str:
        """Return the frame that puts HTML at a place, and has the open block begin there."""
        self.kind, self.depth, self.shown = kind, depth, 0
        return f"|{self.stream.message} {place} {kind}\n{html}"


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
        `|ID COUNT.ITEMS.DEPTH KIND` puts parts of the item behind these so many elements below that list, `~ID SECONDS`
        appends to the model's thoughts; the first such text says for how long it has thought.
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
        draft, pieces, texts = cursor.stream.draft, ending.pieces, list[str]()
        draft.end_list()
        pairs = enumerate(zip(draft.blocks, pieces, strict=False))
        same = next((place for place, (one, other) in pairs if one != other), min(len(draft.blocks), len(pieces)))
        if cursor.items is not None and cursor.blocks < same:
            texts += _advance_in_list(cursor, draft, cursor.items)
        kept = min(cursor.blocks, same)
        if kept < len(pieces) or not texts:
            texts.append(cursor.frame(str(kept), "".join(pieces[kept:]), PROSE))
        return [*texts, ending.around]


def _advance_in_draft(cursor: Cursor, draft: Draft) -> list[str]:
    texts = [] if cursor.items is None else list(_advance_in_list(cursor, draft, cursor.items))
    blocks = draft.blocks[cursor.blocks :]
    begun = draft.open_list if cursor.items is None else None
    if blocks or begun or draft.kind != cursor.kind:
        html = "".join([*blocks, begun.html if begun else ""])
        texts.append(cursor.frame(str(cursor.blocks), html, draft.kind))
        cursor.blocks, cursor.items = len(draft.blocks), len(begun.items) if begun else None
    if begun:
        texts += _advance_in_list(cursor, draft, len(begun.items))
    if more := draft.open[cursor.shown :]:
        texts.append(f"+{cursor.stream.message}\n{more}")
        cursor.shown = len(draft.open)
    return texts


def _advance_in_list(cursor: Cursor, draft: Draft, shown: int) -> Iterator[str]:
    """Yield what the list that the tab shows has got. `shown`: how many of its items the tab has."""
    drawn, has_ended = draft.lists[cursor.blocks], len(draft.blocks) > cursor.blocks
    kind, depth = (PROSE, 0) if has_ended else (draft.kind, draft.depth)
    count, is_redrawn = len(drawn.items), False
    if cursor.parts and (has_ended or count > shown):
        parts = drawn.divided.get(shown, ())
        yield from _advance_in_item(cursor, shown, parts, kind)
        is_redrawn = not parts
        shown += not is_redrawn
        cursor.parts = 0
    if count > shown or is_redrawn:
        html = "".join(f"{item}\n" for item in drawn.items[shown:])
        yield cursor.frame(f"{cursor.blocks}.{shown}", html, kind)
    yield from _advance_in_item(cursor, count, drawn.open, kind)
    if (kind, depth) != (cursor.kind, cursor.depth):
        yield cursor.frame(_place(cursor, count, depth), "", kind, depth)
    cursor.items = None if has_ended else count
    cursor.blocks += has_ended


def _advance_in_item(cursor: Cursor, item: int, parts: Sequence[Part], kind: str) -> Iterator[str]:
    """Yield the parts that the tab lacks of an item. `item`: its place in the list."""
    while cursor.parts < len(parts):
        first, *others = parts[cursor.parts :]
        inner = next((place for place, part in enumerate(others) if part.depth < first.depth), len(others))
        yield cursor.frame(_place(cursor, item, first.depth), nested([first, *others[:inner]]), kind, first.depth)
        cursor.parts += 1 + inner


def _place(cursor: Cursor, item: int, depth: int) -> str:
    return f"{cursor.blocks}.{item}" + (f".{depth}" if depth else "")
