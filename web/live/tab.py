"""One browser tab: what waits to be sent to it, how far it has each streaming text, and the one task that sends.

A slow browser costs no memory and delays nobody: its queue is bounded, and texts are not queued at all but read from
the shared transcript, from the cursor on, when the socket takes more. A token for a tab that has nothing else to send
goes out at once, without the task: that is the hot path, and a third of a millisecond shorter.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from bus.errors import PianolaError
from web.live.queries import PAGE
from web.live.streams import Stream, Streams
from web.server import ABORT, PUSH
from web.state.page_view import MESSAGES_SHOWN
from web.state.window import AppWindow

LONGEST_QUEUE = 256
"""Frames; beyond, the queue is dropped, and the tab gets everything anew when its socket takes more."""
STALL_SECONDS = 10.0
"""A write that takes longer closes the tab; the browser comes back when it can."""
BUSY_SECONDS = 0.004
"""Text that comes so soon after the last piece is joined with what follows; a pause later it is sent at once."""
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
RESTS = 4
"""An app's own view, which each fact has drawn anew, rests so many times as long as its drawing took: while facts keep
coming it costs a fifth of the time at most, and a view that is drawn in no time follows each of them."""
LONGEST_REST_SECONDS = 1.0

TRY_AGAIN_LATER = 1013
EVERY_MESSAGE = -1


@dataclass(frozen=True, slots=True)
class Frame:
    """What goes over the WebSocket at once."""

    text: str | Callable[[], str | None] | None
    """Or what draws it, as soon as nothing that it builds upon is being asked for anew: "" when there is nothing to
    show. None when only the whole list, or the app's own view, can show it."""
    part: str = ""
    """The part of the page that it changes (a name in `PAGE`); "" for answers, which are never dropped."""
    revision: int = 0
    """Of the fact that it draws; 0 for what has no revision."""
    redraws: int = 0
    """The message whose article it draws, without its streaming text, which then is sent whole; or EVERY_MESSAGE."""


@dataclass(slots=True)
class Cursor:
    """How far a tab has a stream: counts of pieces."""

    stream: Stream
    pieces: int
    thoughts: int


@dataclass(slots=True)
class ChatWindow:
    """How much of which conversation a tab shows."""

    conversation: int = 0
    limit: int = MESSAGES_SHOWN
    """Messages that are asked for when it is shown anew."""
    oldest: int = 0
    """The first message in the page; 0 when there are no older ones."""
    marked: int = 0
    """The message to be pointed out when it is shown next."""


Draw = Callable[["Tab", Collection[str]], Awaitable[list[Frame]]]
"""Takes a snapshot and returns a frame for each of the parts."""


class Tab:
    """The server's side of one WebSocket."""

    def __init__(self, websocket: WebSocket, name: str, window: AppWindow, streams: Streams, draw: Draw) -> None:
        """`name`: as the page calls itself. `window`: what it shows of the app that is open in it."""
        self.name = name
        self.window = window
        self.chat = ChatWindow()
        self._websocket = websocket
        self._push: Callable[[str], bool] = websocket.scope["extensions"][PUSH]
        """Sends a text now; returns whether the socket took it."""
        self._streams = streams
        self._draw = draw
        self._wake = asyncio.Event()
        self._resting = False
        """The sender has nothing to send and waits."""
        self._queue: deque[Frame] = deque()
        self._cursors: dict[int, Cursor] = {}
        self._sent_text = 0.0
        self._stale: dict[str, int] = {}
        """Parts to be shown anew, and at which count of `refresh` they last became so."""
        self._staleness = 0
        self._held: list[Frame] = []
        """Frames for parts that are being asked for anew."""
        self._refreshing: asyncio.Task[None] | None = None
        self._rested_at = 0.0
        """When an own view may be drawn because of facts again, in the time of the loop."""
        self._after_rest: asyncio.TimerHandle | None = None
        self._wake.set()

    @property
    def app(self) -> str:
        """Name of the app that is open."""
        return self.window.app

    # --- what others tell the tab ---

    def wake(self) -> None:
        """Send text that has grown: at once when nothing else is on its way, else when its turn comes."""
        if not self._resting or self._wake.is_set() or self._busy_seconds() > 0 or not self._pass_on():
            self._wake.set()

    def push(self, frame: Frame) -> None:
        """Queue a frame."""
        if self._is_stale(frame.part):
            self._hold(frame)
        else:
            self._enqueue(frame)
        if len(self._queue) > LONGEST_QUEUE and frame.part:
            self.refresh(*PAGE)

    def _enqueue(self, frame: Frame) -> None:
        text = frame.text() if callable(frame.text) else frame.text
        if text is None:
            self._show_list_anew()
        elif text:
            self._queue.append(replace(frame, text=text))
            self._wake.set()

    def refresh(self, *parts: str) -> None:
        """Show these parts anew as soon as the socket takes more; frames that wait for them are in vain."""
        self._staleness += 1
        named = ("app" if part == "list" and self.window.own else part for part in parts)
        self._stale.update(dict.fromkeys(named, self._staleness))
        self._queue = deque(frame for frame in self._queue if not self._is_stale(frame.part))
        self._wake.set()

    def close(self, code: int) -> None:
        """Close it, also when the browser does not read."""
        self._websocket.scope["extensions"][ABORT](code)

    def _show_list_anew(self) -> None:
        """Do so at once, or, if it is an own view that rests, when it has rested."""
        loop = asyncio.get_running_loop()
        if not self.window.own or loop.time() >= self._rested_at:
            self.refresh("list")
        elif self._after_rest is None:
            self._after_rest = loop.call_at(self._rested_at, self.refresh, "list")

    def _rest(self, seconds: float) -> None:
        """Let an own view rest that took so long to be drawn."""
        self._rested_at = asyncio.get_running_loop().time() + min(RESTS * seconds, LONGEST_REST_SECONDS)

    def _forget_rest(self) -> None:
        """Plan no drawing any more: one that begins now contains all that was heard."""
        if self._after_rest:
            self._after_rest.cancel()
            self._after_rest = None

    def _is_stale(self, part: str) -> bool:
        return part in self._stale or (part == "app" and "list" in self._stale)

    def _hold(self, frame: Frame) -> None:
        if frame.text is None:  # the newest has it drawn anew for all of them
            self._held = [one for one in self._held if one.text is not None]
        self._held.append(frame)
        if len(self._held) > LONGEST_QUEUE:
            self._held.clear()
            self.refresh(*self._stale)  # what was held is in the next snapshot

    # --- the sender ---

    async def send(self) -> None:
        """Send what there is to send until the browser is gone."""
        try:
            while True:
                self._resting = True
                await self._wake.wait()
                self._resting = False
                self._wake.clear()
                await self._send_pending()
        except (WebSocketDisconnect, WebSocketDisconnected):
            return
        except TimeoutError:
            self.close(TRY_AGAIN_LATER)
        finally:
            await self._end_refreshing()

    async def _send_pending(self) -> None:
        if self._refreshing and self._refreshing.done():
            self._refreshing.result()  # it broke: so does the tab, aloud
        if self._stale and self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refresh())
            self._refreshing.add_done_callback(lambda _: self._wake.set())
        while self._queue:
            frame = self._queue.popleft()
            self._forget_cursor(frame.redraws)
            await self._write(str(frame.text))
        if "chat" not in self._stale:
            await self._send_texts()

    async def _write(self, text: str) -> None:
        if not self._push(text):
            async with asyncio.timeout(STALL_SECONDS):
                await self._websocket.send_text(text)

    def _forget_cursor(self, message: int) -> None:
        if message == EVERY_MESSAGE:
            self._cursors.clear()
        else:
            self._cursors.pop(message, None)

    # --- streaming texts ---

    async def _send_texts(self) -> None:
        if not any(self._has_more(stream) for stream in self._streams.shown.values()):
            return
        if (busy := self._busy_seconds()) > 0:
            await asyncio.sleep(busy)
        for text in self._grown():
            await self._write(text)

    def _pass_on(self) -> bool:
        """Send what has grown without waiting; return whether that is all there is to do."""
        if "chat" in self._stale:
            return True  # it comes with the chat itself
        texts = self._grown()
        taken = 0
        while taken < len(texts) and self._push(texts[taken]):
            taken += 1
        self._queue.extend(Frame(text, "chat") for text in texts[taken:])
        return taken == len(texts)

    def _busy_seconds(self) -> float:
        """Return how long to wait for more text, so that a burst goes in few pieces."""
        return self._sent_text + BUSY_SECONDS - asyncio.get_running_loop().time()

    def _grown(self) -> list[str]:
        """Move all cursors to the end; return the frames for what lay between."""
        texts = [text for stream in list(self._streams.shown.values()) for text in self._advance(stream)]
        if texts:
            self._sent_text = asyncio.get_running_loop().time()
        return texts

    def _has_more(self, stream: Stream) -> bool:
        cursor, transcript = self._cursors.get(stream.message), stream.transcript
        if cursor is None or cursor.stream is not stream:
            return True
        return len(transcript.pieces) > cursor.pieces or len(transcript.thoughts) > cursor.thoughts

    def _advance(self, stream: Stream) -> list[str]:
        """Move the cursor to the end; return the frames for what lay between."""
        transcript, frames = stream.transcript, []
        cursor = self._cursors.get(stream.message)
        if cursor is None or cursor.stream is not stream:
            cursor = self._cursors[stream.message] = Cursor(stream, len(transcript.pieces), 0)
            frames.append(f"={stream.message}\n{stream.text}")
        if thoughts := "".join(transcript.thoughts[cursor.thoughts :]):
            frames.append(f"~{stream.message}\n{thoughts}")
        if pieces := "".join(transcript.pieces[cursor.pieces :]):
            frames.append(f"+{stream.message}\n{pieces}")
        cursor.pieces, cursor.thoughts = len(transcript.pieces), len(transcript.thoughts)
        return frames

    # --- parts anew ---

    async def _refresh(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._stale:
            asked = dict(self._stale)
            try:
                frames = await self._draw_timed(asked.keys())
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            self._queue.extend(frames)
            self._release(frames, asked)
            self._wake.set()
        self._refreshing = None

    async def _draw_timed(self, parts: Collection[str]) -> list[Frame]:
        if "app" not in parts:
            return await self._draw(self, parts)
        self._forget_rest()
        loop = asyncio.get_running_loop()
        began = loop.time()
        frames = await self._draw(self, parts)
        self._rest(loop.time() - began)
        return frames

    def _release(self, frames: list[Frame], asked: Mapping[str, int]) -> None:
        """Go on with the frames that were held and are newer than what was shown anew.

        A part that became stale again meanwhile is still to be shown, and its frames are held on.
        """
        self._stale = {part: count for part, count in self._stale.items() if asked.get(part) != count}
        shown = {"app" if frame.part == "list" else frame.part: frame.revision for frame in frames}
        held, self._held = self._held, []
        for frame in held:
            if not frame.revision or frame.revision > shown.get(frame.part, 0):
                self.push(frame)

    async def _end_refreshing(self) -> None:
        self._forget_rest()
        if self._refreshing:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
