"""What waits to be sent to one tab: a queue of frames, and the stale parts of its page, which are drawn again.

Frames for a stale part are held until the part was drawn. Those that are newer than the drawing are then sent.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bus.errors import PianolaError
from web.live.queries import PAGE

LONGEST_QUEUE = 256
"""Frames. When there are more, the queue is dropped and the whole page is drawn again when the socket takes more."""
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
PAUSE_FACTOR = 4
"""After an app's own view was drawn, changes draw it again only after a pause of so many times the drawing time. So
drawing takes a fifth of the time at most while changes keep coming, and a view that is fast to draw follows each."""
LONGEST_VIEW_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a message that was being written, for a tab that has shown it so far."""

    message: int
    generation: str
    pieces: Sequence[str]
    """The HTML of all its blocks."""
    around: str
    """A fragment that replaces the message and leaves its text in place."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message to send over the WebSocket."""

    text: str | Callable[[], str | None] | None
    """The text, or a function that draws it, called when no part that it needs is stale. "": there is nothing to
    show. None: only the whole list, or the app's own view, can show it."""
    part: str = ""
    """The part of the page that it changes (a name in `PAGE`); "" for answers, which are never dropped."""
    revision: int = 0
    """Of the fact that it draws; 0 for what has no revision."""
    redraws: int = 0
    """Id of the message that it draws without its streaming text, which is then sent whole; or EVERY_MESSAGE."""
    key: str = ""
    """Of frames with the same key only the newest one is kept in the queue; "" keeps all."""
    ending: Callable[[], Ending] | None = None
    """What a tab that has shown the message so far is sent in place of the text."""
    whole: bool = False
    """It is a part that was drawn again, and not one change of it."""


class Throttle:
    """Limits how often changes draw an app's own view."""

    def __init__(self, redraw: Callable[[], None]) -> None:
        """`redraw`: has the view drawn again."""
        self._redraw = redraw
        self._paused_until = 0.0
        """In the loop's time."""
        self._planned: asyncio.TimerHandle | None = None

    def request(self) -> None:
        """Draw the view now, or once at the end of the pause."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._paused_until:
            self._redraw()
        elif self._planned is None:
            self._planned = loop.call_at(self._paused_until, self._redraw)

    def pause(self, drawing_seconds: float) -> None:
        """Pause after a drawing that took so long."""
        seconds = min(PAUSE_FACTOR * drawing_seconds, LONGEST_VIEW_PAUSE_SECONDS)
        self._paused_until = asyncio.get_running_loop().time() + seconds

    def cancel(self) -> None:
        """Drop a planned drawing: one that begins now contains all changes so far."""
        if self._planned:
            self._planned.cancel()
            self._planned = None


class Outbox:
    """The queue of one tab, and the parts of its page that are stale."""

    def __init__(self, wake: Callable[[], None], shows_own_view: Callable[[], bool]) -> None:
        """`wake`: called when there is something to do. `shows_own_view`: whether the tab shows an app's own view."""
        self.wake = wake
        self.queue: deque[Frame] = deque()
        """Frames whose text is ready."""
        self.stale: dict[str, int] = {}
        """Parts that are to be drawn again, each with the number of the call of `refresh` that asked for it last."""
        self.throttle = Throttle(partial(self.refresh, "list"))
        self._shows_own_view = shows_own_view
        self._refreshes = 0
        self._held: list[Frame] = []
        """Frames for stale parts."""

    def push(self, frame: Frame) -> None:
        """Queue a frame, or hold it while its part is stale."""
        if self._is_stale(frame.part):
            self._hold(frame)
        else:
            self._enqueue(frame)
        if len(self.queue) > LONGEST_QUEUE and frame.part:
            self.refresh(*PAGE)

    def refresh(self, *parts: str) -> None:
        """Mark parts as stale, and drop their frames from the queue.

        A list is drawn with its app where that is stale too, or drawn and not sent yet. Drawn apart, the list of an app
        with a view of its own would be empty: whether the app has one is known only when it was drawn. And in a page
        that still shows another app there would be no place for it.
        """
        self._refreshes += 1
        is_unsent = any(frame.whole and frame.part == "app" for frame in self.queue)
        with_app = self._shows_own_view() or is_unsent or "app" in (*self.stale, *parts)
        named = ("app" if part == "list" and with_app else part for part in parts)
        self.stale.update(dict.fromkeys(named, self._refreshes))
        if "app" in self.stale:
            self.stale.pop("list", None)
        self.queue = deque(frame for frame in self.queue if not self._is_stale(frame.part))
        self.wake()

    def take_drawn(self, frames: list[Frame], asked: Mapping[str, int]) -> None:
        """Queue parts that were drawn again, then the held frames that are newer. `asked`: `stale` as it was before.

        A part that became stale again meanwhile stays stale, and its frames stay held.
        """
        self.queue.extend(replace(frame, whole=True) for frame in frames)
        self.stale = {part: number for part, number in self.stale.items() if asked.get(part) != number}
        shown = {"app" if frame.part == "list" else frame.part: frame.revision for frame in frames}
        held, self._held = self._held, []
        for frame in held:
            if not frame.revision or frame.revision > shown.get(frame.part, 0):
                self.push(frame)
        self.wake()

    def _is_stale(self, part: str) -> bool:
        return part in self.stale or (part == "app" and "list" in self.stale)

    def _enqueue(self, frame: Frame) -> None:
        text = frame.text() if callable(frame.text) else frame.text
        if text is None:
            self._redraw_list()
        elif text:
            if frame.key:
                self.queue = deque(one for one in self.queue if one.key != frame.key)
            self.queue.append(replace(frame, text=text))
            self.wake()

    def _redraw_list(self) -> None:
        if self._shows_own_view():
            self.throttle.request()
        else:
            self.refresh("list")

    def _hold(self, frame: Frame) -> None:
        if frame.text is None:  # the newest one stands for all of them
            self._held = [one for one in self._held if one.text is not None]
        if frame.key:
            self._held = [one for one in self._held if one.key != frame.key]
        self._held.append(frame)
        if len(self._held) > LONGEST_QUEUE:
            self._held.clear()
            self.refresh(*self.stale)  # the next snapshot contains what was held


class Refresh:
    """Draws the stale parts of one tab, in a task, as soon as the store answers."""

    def __init__(self, outbox: Outbox, draw: Callable[[Collection[str]], Awaitable[list[Frame]]]) -> None:
        """`draw`: reads parts from the store and returns one frame for each."""
        self._outbox = outbox
        self._draw = draw
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to draw what is stale, unless a task does so already; raises what broke that task."""
        if self._task and self._task.done():
            self._task.result()
        if self._outbox.stale and self._task is None:
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(lambda _: self._outbox.wake())

    async def stop(self) -> None:
        """End the task."""
        self._outbox.throttle.cancel()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._outbox.stale:
            asked = dict(self._outbox.stale)
            try:
                frames = await self._draw_timed(asked.keys())
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            self._outbox.take_drawn(frames, asked)
        self._task = None

    async def _draw_timed(self, parts: Collection[str]) -> list[Frame]:
        if "app" not in parts:
            return await self._draw(parts)
        self._outbox.throttle.cancel()
        loop = asyncio.get_running_loop()
        began = loop.time()
        frames = await self._draw(parts)
        self._outbox.throttle.pause(loop.time() - began)
        return frames
