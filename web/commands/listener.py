"""Receives the commands of one WebSocket. Each runs in a task of its own, so that Stop does not wait for others."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.websockets import WebSocket

from bus.errors import PianolaError
from web.commands.command import Command, parse
from web.commands.table import carry_out
from web.commands.undoing.offers import offer
from web.live.hub import Hub
from web.live.outbox import Frame
from web.live.tab import Tab

COMMANDS_PER_SECOND = 100.0
BURST = 200.0
"""Commands that may come at once. If there are more, the socket is read more slowly; nothing is lost."""
MOST_AT_ONCE = 64

TOO_FAST = "%"
"""Frame that tells a tab to wait: its commands come faster than they are taken."""

WENT_WRONG = "Something went wrong; it was logged. Try again, or reload the page."

LogError = Callable[[str, BaseException], None]


class RateLimit:
    """A token bucket: so many commands may run now; their number grows at a steady rate."""

    def __init__(self) -> None:
        """The bucket is full at first."""
        self._left = BURST
        self._at = time.monotonic()
        self._told = False

    async def take(self, tell: Callable[[], None]) -> None:
        """Take one command from the bucket; wait if it is empty, and call `tell` when that begins."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * COMMANDS_PER_SECOND)
        self._at = now
        self._left -= 1
        self._told = self._told and self._left < BURST / 2
        if self._left < 0:
            if not self._told:
                tell()
            self._told = True
            await asyncio.sleep(-self._left / COMMANDS_PER_SECOND)


class Listener:
    """Carries out the commands of one tab."""

    def __init__(self, tab: Tab, hub: Hub, log_error: LogError) -> None:
        """`log_error`: gets unexpected errors."""
        self._tab = tab
        self._hub = hub
        self._log_error = log_error
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, websocket: WebSocket) -> None:
        """Carry out commands until the browser is gone."""
        limit = RateLimit()
        while (message := await websocket.receive())["type"] == "websocket.receive":
            await limit.take(lambda: self._tab.push(Frame(TOO_FAST)))
            await self._slots.acquire()
            self._start(self._answer(str(message.get("text") or "")))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()

    async def _answer(self, text: str) -> None:
        nonce = ""
        try:
            command = parse(text, self._tab, self._hub)
            nonce = command.nonce
            await self._carry_out(command)
        except PianolaError as problem:
            about = f"{nonce} {problem.field}".rstrip()
            self._tab.push(Frame(f"?{about}\n{problem}"))
        else:
            self._tab.push(Frame(f"!{nonce}"))

    async def _carry_out(self, command: Command) -> None:
        try:
            await carry_out(command)
            if offered := offer(command):
                self._tab.push(offered)
        except PianolaError:
            raise
        except Exception as error:
            self._log_error(f"the command {command.name} ({command.nonce}) failed: {error}", error)
            raise PianolaError(WENT_WRONG) from error
