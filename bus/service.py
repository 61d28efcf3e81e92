"""The life of a process: lock the role, greet the bus, be ready and beat, stop when told.

All processes look alike:

    async def serve(service: Service) -> None:
        service.bus.hear(...)          # what it hears
        await service.ready()          # it is heard now, and says so
        await service.stopped()        # until SIGTERM, or until whoever started it is gone

    def main() -> int:
        return run("name", serve)
"""

import asyncio
import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Literal

from bus.bus import Bus
from bus.errors import EXIT_REFUSED, AlreadyRunning, NoBroker, PianolaError
from bus.messages import LogWritten, ServiceAsked, ServiceChanged
from bus.role import lock_role, problem_file, seconds_to_beat
from bus.settings import Settings, load
from bus.wire import Envelope

SILENT_SECONDS = 5.0
"""After this long without our own beat coming back, the bus counts as lost and we greet again."""

Level = Literal["debug", "info", "warning", "error"]


class Service:
    """A process on the bus: its settings, its connection, its log, its side tasks."""

    def __init__(self, name: str, settings: Settings) -> None:
        """`name`: the role, as in the Procfile."""
        self.name = name
        self.settings = settings
        self.bus = Bus(name, settings, self._handler_failed)
        self.on_bus_lost: Callable[[], None] = lambda: None
        self._parent = os.getppid()
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None
        self._echo = 0.0

    # --- the life ---

    async def ready(self) -> None:
        """Connect, greet, announce `ready` and beat from now on. Waits for the broker, and says so."""
        self.bus.hear(ServiceChanged, self._heard_own_beat, self.name)
        self.bus.hear(ServiceAsked, lambda _heard: self._announce("ready"))
        self.bus.connect()
        await self._greet()
        gc.freeze()  # what was made until now stays: the collector need not look at it again, which took milliseconds
        self._problem_file.unlink(missing_ok=True)
        self._announce("ready")
        self.spawn(self._beat(), "beat")

    async def stopped(self) -> None:
        """Wait until the process is to end; raises what broke one of its side tasks."""
        await self._stop.wait()
        if self._broken:
            raise self._broken

    def stop(self) -> None:
        """End the process in good order."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether the process is about to end."""
        return self._stop.is_set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a side task that is held and watched: if it breaks, the process stops aloud."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.log("error", f"the task {task.get_name()} of {self.name} broke: {error}", error)
            self._broken = error
            self.stop()

    async def _greet(self) -> None:
        said = False
        while True:
            try:
                await self.bus.greet(2.0)
            except NoBroker as problem:
                if not said:
                    self._print("warning", f"waiting: {problem}")
                    said = True
            else:
                self._echo = time.monotonic()
                return

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(seconds_to_beat())
            if os.getppid() != self._parent:
                self.log("warning", f"whoever started {self.name} is gone: it ends")
                self.stop()
                return
            self._announce("ready")
            if time.monotonic() - self._echo > SILENT_SECONDS:
                self.on_bus_lost()
                await self._greet()
                self.bus.repeat_orders()

    def _announce(self, state: Literal["ready", "stopping"]) -> None:
        self.bus.say(
            ServiceChanged(
                process=self.name, state=state, run=self.bus.run, pid=os.getpid(), dropped=self.bus.dropped.count
            ),
            self.name,
        )

    def _heard_own_beat(self, heard: Envelope) -> None:
        if heard.header.sender == self.bus.sender:
            self._echo = time.monotonic()

    async def live(self, serve: Callable[["Service"], Awaitable[None]]) -> None:
        """Serve from SIGTERM's handler to the last message."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        with lock_role(self.name, self.settings.run):
            try:
                await serve(self)
            finally:
                await self._leave()

    async def _leave(self) -> None:
        if not self.bus.connected:
            return
        self._announce("stopping")
        for task in self._tasks:
            task.remove_done_callback(self._ended)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.bus.close()

    # --- the log ---

    def log(self, level: Level, text: str, error: BaseException | None = None, **fields: Any) -> None:
        """Write one sentence for people, with fields for tools, to the process's output and to the bus."""
        if error is not None and not isinstance(error, PianolaError):
            fields["traceback"] = "".join(traceback.format_exception(error))[-4000:]
        self._print(level, text, fields.get("traceback", ""))
        if self.bus.connected:
            self.bus.say(LogWritten(level=level, text=text[:2000], fields=fields), self.name)

    def _print(self, level: Level, text: str, trace: str = "") -> None:
        line = f"{time.strftime('%H:%M:%S')} {self.name} {level}: {' '.join(text.split())}\n{trace}"
        try:
            sys.stderr.write(line)  # one write: lines of several processes must not mix
            sys.stderr.flush()
        except OSError:
            return  # nobody reads what we print any more; that must not keep us from ending in good order

    def _handler_failed(self, text: str, error: BaseException) -> None:
        self.log("warning" if isinstance(error, PianolaError) else "error", text, error)

    # --- a refusal to start ---

    @property
    def _problem_file(self) -> Path:
        return problem_file(self.settings, self.name)

    def refuse(self, problem: PianolaError) -> None:
        """Leave the reason why the process cannot start where `pianola up` and `pianola status` find it."""
        self._print("error", str(problem))
        if not isinstance(problem, AlreadyRunning):
            self._problem_file.write_text(f"{problem}\n")


def run(
    name: str,
    serve: Callable[[Service], Awaitable[None]],
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Live the life of the process `name`; return its exit code. `loop_factory`: for processes on a token's way."""
    os.umask(0o077)
    try:
        settings = load()
    except PianolaError as problem:
        sys.stderr.write(f"{name}: {problem}\n")
        return EXIT_REFUSED

    async def live() -> int:
        service = Service(name, settings)
        try:
            await service.live(serve)
        except PianolaError as problem:
            service.refuse(problem)
            return EXIT_REFUSED
        return 0

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(live())
