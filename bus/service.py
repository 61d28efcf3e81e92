"""How a process runs: take the lock, greet the bus, say `ready` and beat, serve, stop on SIGTERM.

All processes look alike:

    async def serve(service: Service) -> None:
        service.bus.hear(...)          # which messages it handles
        await service.ready()          # connected to the bus, and says so
        await service.stopped()        # until SIGTERM, or until the parent process is gone

    def main() -> int:
        return run("name", serve)
"""

import asyncio
import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from bus.bus import Bus
from bus.code.version import check_version, version
from bus.errors import EXIT_REFUSED, AlreadyRunning, NoBroker, PianolaError, Unexpected
from bus.messages import LogWritten, ServiceAsked, ServiceChanged
from bus.processes.parent import parent
from bus.role import lock_role, problem_file, seconds_to_beat
from bus.settings import Settings, load
from bus.wire import Envelope

SILENT_SECONDS = 5.0
"""When our own beat has not come back for this long, the connection counts as lost and we greet again."""

Level = Literal["debug", "info", "warning", "error"]


class Service:
    """A process on the bus: its settings, its connection, its log, its background tasks."""

    def __init__(self, name: str, settings: Settings) -> None:
        """`name`: the role, as in the Procfile."""
        self.name = name
        self.settings = settings
        self.bus = Bus(name, settings, self._handler_failed)
        self.on_bus_lost: Callable[[], None] = lambda: None
        self._version = version()
        self._parent = parent()
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._task_error: BaseException | None = None
        self._last_own_beat = 0.0
        self._state: Literal["ready", "failed"] = "ready"

    # --- start and stop ---

    async def ready(self) -> None:
        """Connect, greet, say `ready`, and start to beat. Waits for the broker as long as needed, and logs that."""
        self.bus.hear(ServiceChanged, self._heard_own_beat, self.name)
        self.bus.hear(ServiceAsked, lambda _heard: self._announce(self._state))
        self.bus.connect()
        await self._greet()
        if self.stopping:
            return
        gc.freeze()  # objects made until now stay: the garbage collector skips them, which saves pauses of milliseconds
        self._problem_file.unlink(missing_ok=True)
        self._announce("ready")
        self.spawn(self._beat(), "beat")

    async def stopped(self) -> None:
        """Wait until the process is to stop. Raises the error of a background task that failed."""
        await self._stop.wait()
        if self._task_error:
            raise self._task_error

    def stop(self) -> None:
        """Tell the process to stop; `stopped` then returns."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether the process was told to stop."""
        return self._stop.is_set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a background task. If it fails, the error is logged and the process stops."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def attempt(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a task that one message asked for. If it fails, the error is logged, and the process goes on."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:
                self.log("error", f"the task {name} of {self.name} failed: {error}", error)

        return self.spawn(guarded(), name)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.log("error", f"the task {task.get_name()} of {self.name} failed: {error}", error)
            self._task_error = error
            self.stop()

    async def _greet(self) -> None:
        """Return when the broker has answered, or when we are to stop."""
        logged = False
        while not self._stop_if_alone():
            try:
                await self.bus.greet(2.0)
            except NoBroker as problem:
                if not logged:
                    self._print("warning", f"waiting: {problem}")
                    logged = True
            else:
                self._last_own_beat = time.monotonic()
                return

    def _stop_if_alone(self) -> bool:
        """Return whether the process that started us is gone; then we stop, too."""
        if os.getppid() == self._parent:
            return False
        self.log("warning", f"the process that started {self.name} is gone: {self.name} stops")
        self.stop()
        return True

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(seconds_to_beat())
            if self._stop_if_alone():
                return
            self._announce(self._state)
            if time.monotonic() - self._last_own_beat > SILENT_SECONDS:
                self.on_bus_lost()
                await self._greet()
                self.bus.repeat_orders()

    def fail(self, problem: PianolaError) -> None:
        """Go on, but beat as `failed`: the process does nothing until a person has acted on the problem."""
        self._state = "failed"
        self._write_problem(problem)
        self.log("error", str(problem), problem)
        self._announce("failed")

    def _announce(self, state: Literal["ready", "stopping", "failed"]) -> None:
        self.bus.say(
            ServiceChanged(
                process=self.name,
                state=state,
                run=self.bus.run,
                pid=os.getpid(),
                dropped=self.bus.dropped.count,
                version=self._version,
            ),
            self.name,
        )

    def _heard_own_beat(self, heard: Envelope) -> None:
        if heard.header.sender == self.bus.sender:
            self._last_own_beat = time.monotonic()

    async def run(self, serve: Callable[["Service"], Awaitable[None]]) -> None:
        """Take the lock, serve until SIGTERM or SIGINT, say `stopping` and leave the bus."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        with lock_role(self.name, self.settings.run):
            try:
                await serve(self)
            finally:
                await self._shut_down()

    async def _shut_down(self) -> None:
        if not self.bus.connected:
            return
        self._announce("stopping")
        for task in self._tasks:
            task.remove_done_callback(self._task_ended)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.bus.close()

    # --- the log ---

    def log(self, level: Level, text: str, error: BaseException | None = None, **fields: Any) -> None:
        """Write one sentence for people to stderr, and with `fields` for tools to the bus (`log.written`)."""
        if error is not None and not isinstance(error, PianolaError):
            fields["traceback"] = "".join(traceback.format_exception(error))[-4000:]
        self._print(level, text, fields.get("traceback", ""))
        if self.bus.connected:
            self.bus.say(LogWritten(level=level, text=text[:2000], fields=fields), self.name)

    def _print(self, level: Level, text: str, trace: str = "") -> None:
        line = self._line(level, " ".join(text.split()), trace)
        try:
            sys.stderr.write(line)  # one write, so that lines of several processes do not mix
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):
            return  # nobody reads our output, or it was closed: the process goes on, and stops properly

    def _line(self, level: Level, text: str, trace: str) -> str:
        if self.settings.log_format == "text":
            return f"{time.strftime('%H:%M:%S')} {self.name} {level}: {text}\n{trace}"
        more = {"traceback": trace} if trace else {}
        return f"{json.dumps({'at': time.time(), 'process': self.name, 'level': level, 'text': text, **more})}\n"

    def _handler_failed(self, text: str, error: BaseException) -> None:
        self.log("warning" if isinstance(error, PianolaError) else "error", text, error)

    # --- refusing to start ---

    @property
    def _problem_file(self) -> Path:
        return problem_file(self.settings, self.name)

    def refuse(self, problem: PianolaError) -> None:
        """Write why the process cannot start into the file that `pianola up` and `pianola status` read."""
        self._print("error", str(problem))
        if not isinstance(problem, AlreadyRunning):
            self._write_problem(problem)

    def _write_problem(self, problem: PianolaError) -> None:
        with suppress(OSError):  # the disk may be full; the log says it, too
            self._problem_file.write_text(f"{problem}\n")


def run(
    name: str,
    serve: Callable[[Service], Awaitable[None]],
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Run until SIGTERM: take the lock, greet the bus, serve, stop. Return the exit code.

    `loop_factory`: a faster event loop, for processes that pass tokens on.
    """
    os.umask(0o077)
    try:
        settings = load()
    except PianolaError as problem:
        sys.stderr.write(f"{name}: {problem}\n")
        return EXIT_REFUSED

    async def run_service() -> int:
        service = Service(name, settings)
        try:
            check_version()
            await service.run(serve)
        except PianolaError as problem:
            service.refuse(problem)
            return EXIT_REFUSED
        except Exception as error:  # a mistake of ours: its reason must not stand only in a log
            service.refuse(Unexpected(name, error, settings.logs))
            raise
        return 0

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(run_service())
