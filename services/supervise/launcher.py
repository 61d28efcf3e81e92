"""The launcher, the main part of `pianola up`: starts supervisord, waits until all is ready, watches the processes.

Hears service.changed and llm.listed. Says bus.greeted, to check that the broker works, and one store.order, to read
which model the user chose.
"""

import asyncio
import signal
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import IO, Any

from bus.bus import Bus
from bus.errors import NoAnswer, NoBroker, PianolaError, Refused
from bus.messages import LlmListed, ServiceChanged, StoreOrder
from bus.role import holder_of, problem_file
from bus.settings import Settings
from bus.store_client import ask_store
from bus.text.console import print_line
from bus.wire import Envelope
from services.supervise import supervisor
from services.supervise.ports import HOST
from services.supervise.watchdog import Watchdog

TICK_SECONDS = 2.0
"""Time between two checks for processes that hang."""
ECHO_SECONDS = 2.0
"""Time between two greetings that check the broker."""
WEB = "web"
REPORT_MISSING_SECONDS = 3.0
"""Wait this long before printing which processes are not ready yet."""
LISTED_SECONDS = 2.0
"""Longest wait for the list of models before the banner is printed."""
POLL_SECONDS = 0.05
LONGEST_REASON = 300
"""Characters of a line of a process's log."""
ORPHAN_GRACE_SECONDS = 5.0
"""Time for the processes to stop by themselves after supervisord died."""
SHUTDOWN_GRACE_SECONDS = 8.0
"""Time for supervisord to stop before it is killed; its processes then stop by themselves."""


class SupervisorDied(PianolaError):
    """supervisord ended although nobody asked it to."""

    def __init__(self, code: int, settings: Settings) -> None:
        super().__init__(
            f"supervisord ended unexpectedly (exit code {code}), and all processes with it. No data is lost. "
            f"{settings.logs}/supervisord.log and supervisord.out may say why. `pianola up` starts everything again."
        )


class Launcher:
    """One run of all processes, from the start of supervisord to its end."""

    def __init__(
        self, settings: Settings, processes: dict[str, str], beside: dict[str, str], lock: IO[str], code: str
    ) -> None:
        """`processes`, `beside`: as `procfile` reads them. `lock`: of the role supervisord.

        `code`: the state of our code; no process of another version is then started. "": any may be.
        """
        self._settings = settings
        self._processes = processes
        self.all_processes = {**processes, **beside}
        self._started, self._began = time.monotonic(), time.time()
        self._supervisord = supervisor.start(settings, processes, beside, lock, code)
        self.watchdog = Watchdog(processes)
        self.listed: LlmListed | None = None
        self.bus = Bus("pianola", settings, self._print_error)
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._stopping = False
        self._was_ready = False
        self._told: dict[str, str] = {}

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    # --- start and stop ---

    async def connect(self) -> None:
        """Handle signals, and connect to the bus. The broker may start later."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # ignored: started by nohup
                loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGCHLD, self._child_died)
        self.bus.hear(ServiceChanged, self._heard_service)
        self.bus.hear(LlmListed, self._heard_listed)
        await self._wait_for_broker_socket()
        self.bus.connect()
        self._tasks = [loop.create_task(self._check_broker()), loop.create_task(self._watch())]
        self._child_died()

    def accompany(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run something beside the watching until the end. If it fails, that is printed, and the rest goes on."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        task.add_done_callback(self._accompanied)
        self._tasks.append(task)

    @staticmethod
    def _accompanied(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            print_line(f"{task.get_name()} does not work any more: {error!r}. Everything else goes on.")

    async def _wait_for_broker_socket(self) -> None:
        """Wait a short time for the broker's socket: connecting earlier means a retry, and missed messages."""
        bound = (self._settings.run / "subscribe").exists
        while not bound() and self.seconds < REPORT_MISSING_SECONDS and not self._ended.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # there is no event for a new file

    async def ready(self) -> bool:
        """Wait until all processes are ready, and print which are missing. Return False if told to stop before."""
        printed, next_report = "", REPORT_MISSING_SECONDS
        while self.watchdog.missing and not self.leaving:
            await self._wait_for_change()
            late = self.watchdog.missing and self.seconds > next_report
            if late and (report := self._missing_report()) != printed:
                print_line(report)
                printed, next_report = report, self.seconds + REPORT_MISSING_SECONDS
        await self._wait_for_page()
        self._was_ready = True
        return not self.leaving

    @property
    def leaving(self) -> bool:
        """Whether it was told to stop, or supervisord has ended."""
        return self._stopping or self._ended.is_set()

    async def _wait_for_page(self) -> None:
        """Wait until the web process serves pages: it is ready on the bus a moment earlier."""
        late, told = time.monotonic() + REPORT_MISSING_SECONDS, False
        while WEB in self._processes and not self.leaving and not await self._page_answers():
            await asyncio.sleep(POLL_SECONDS)
            if time.monotonic() > late and not told:
                print_line(f"Waiting for the page at port {self._settings.port} …")
                told = True

    async def _page_answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection(HOST, self._settings.port)
            writer.write(f"GET /healthz HTTP/1.0\r\nHost: {HOST}:{self._settings.port}\r\n\r\n".encode())
            answered = (await reader.read(12)).startswith(b"HTTP/")
            writer.close()
        except OSError:
            return False
        return answered

    async def models_and_choice(self) -> tuple[LlmListed | None, str]:
        """Return the list of models (None if it does not come soon), and the model that the user chose last."""
        deadline = time.monotonic() + LISTED_SECONDS
        while self.listed is None and time.monotonic() < deadline and not self.leaving:
            await self._wait_for_change()
        return self.listed, "" if self.leaving else await self._chosen_model()

    async def wait_for_end(self) -> int:
        """Wait until supervisord has ended. Return the exit code, or raise `SupervisorDied`."""
        await self._ended.wait()
        for task in self._tasks:
            task.cancel()
        self.bus.close()
        if not self._stopping:
            await self._wait_for_orphans()
            raise SupervisorDied(self._supervisord.returncode, self._settings)
        return 0 if self._supervisord.returncode == 0 else 1

    async def _wait_for_orphans(self) -> None:
        """Wait until the processes without supervisord have stopped by themselves; kill those that do not stop.

        Their ids come from the locks of their roles, not from what was said on the bus.
        """
        for _ in range(round(ORPHAN_GRACE_SECONDS / POLL_SECONDS)):
            if not self._orphans():
                return
            await asyncio.sleep(POLL_SECONDS)
        for pid in self._orphans():
            supervisor.kill(pid)

    def _orphans(self) -> list[int]:
        return [pid for name in self._processes if (pid := holder_of(name, self._settings.run))]

    def stop(self) -> None:
        """Stop everything properly. A second call does nothing."""
        if self._stopping:
            return
        self._stopping = True
        print_line("Pianola is stopping …")
        self._supervisord.terminate()
        asyncio.get_running_loop().call_later(SHUTDOWN_GRACE_SECONDS, self._supervisord.kill)
        self._changed.set()

    def _child_died(self) -> None:
        if self._supervisord.poll() is not None:
            self._ended.set()
            self._changed.set()

    # --- messages ---

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(TICK_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            return

    def _heard_service(self, heard: Envelope) -> None:
        message: ServiceChanged = heard.message
        if message.state == "ready":
            self.watchdog.beat(message.process)
        else:
            self.watchdog.reset(message.process)
        self._changed.set()

    def _heard_listed(self, heard: Envelope) -> None:
        self.listed = heard.message
        self._changed.set()

    async def _chosen_model(self) -> str:
        order = StoreOrder(verb="get", table="setting", id="model", actor="system")
        try:
            answer = await ask_store(self.bus, order, seconds=2.0)
        except (NoAnswer, Refused):
            return ""
        value = answer.rows[0].get("value") if answer.rows else ""
        return value if isinstance(value, str) else ""

    # --- watching ---

    async def _check_broker(self) -> None:
        while True:
            try:
                await self.bus.greet(ECHO_SECONDS)
            except NoBroker:
                continue
            self.watchdog.echo()
            self._changed.set()
            await asyncio.sleep(ECHO_SECONDS)

    async def _watch(self) -> None:
        while not self._stopping:
            await asyncio.sleep(TICK_SECONDS)
            for name in self.watchdog.tick():
                self._kill_stuck(name)
            if self._was_ready:
                self._tell_problems()

    def _kill_stuck(self, name: str) -> None:
        """Kill a process that hangs; supervisord restarts it."""
        allowed = self.watchdog.allowed_seconds(name)
        self.watchdog.reset(name)
        try:
            found = next(one for one in supervisor.processes(self._settings) if one.name == name)
        except (StopIteration, supervisor.NoSupervisor):
            return
        if found.pid and found.seconds > allowed - TICK_SECONDS:
            print_line(f"{name} was silent for {allowed:.0f} s and is restarted (process {found.pid} was killed).")
            supervisor.kill(found.pid)

    # --- printing ---

    def _missing_report(self) -> str:
        lines = [f"Waiting for {', '.join(self.watchdog.missing)} …"]
        reasons = self._last_words() | self._problems()
        return "\n".join([*lines, *(f"  {name}: {reason}" for name, reason in reasons.items())])

    def _last_words(self) -> dict[str, str]:
        """Return the last line that each process which is not ready has printed since we started."""
        found = {}
        for name in self.watchdog.missing:
            log = self._settings.logs / f"{name}.log"
            with suppress(OSError):
                if log.stat().st_mtime >= self._began and (lines := log.read_text(errors="replace").split("\n")[:-1]):
                    found[name] = lines[-1][:LONGEST_REASON]
        return found

    def _tell_problems(self) -> None:
        """Print why a process that was ready does not work any more, once for each reason."""
        problems = self._problems()
        for name, problem in problems.items():
            if self._told.get(name) != problem:
                print_line(f"{name}: {problem}")
        self._told = problems

    def _problems(self) -> dict[str, str]:
        """Return the reason of each process that is not ready and has given one."""
        found = {}
        for name in self.watchdog.missing:
            with suppress(OSError):
                found[name] = problem_file(self._settings, name).read_text().strip()
        return found

    def _print_error(self, text: str, _error: BaseException) -> None:
        print_line(text)
