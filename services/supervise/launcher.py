"""The launcher: what `pianola up` is while it runs. Parent of supervisord, listener on the bus, watchdog.

Hears service.changed, llm.listed; says nothing but its own greeting, which proves that the broker works.
"""

import asyncio
import signal
import time
from typing import IO

from bus.bus import Bus
from bus.errors import NoAnswer, NoBroker, PianolaError
from bus.messages import LlmListed, ServiceChanged, StoreOrder
from bus.role import problem_file
from bus.settings import Settings
from bus.wire import Envelope
from services.supervise import supervisor
from services.supervise.console import print_line
from services.supervise.ports import HOST
from services.supervise.watchdog import Watchdog

TICK_SECONDS = 2.0
ECHO_SECONDS = 2.0
WEB = "web"
PATIENCE_SECONDS = 3.0
"""How long we wait in silence before we say who is missing."""
LISTED_SECONDS = 2.0
"""How long the banner waits for the worker to say what plays."""
LOOK_SECONDS = 0.05
"""Between two looks at something that does not tell us by itself."""
ORPHAN_SECONDS = 5.0
"""How long processes whose supervisord died may take to notice that and end."""
DRAIN_SECONDS = 8.0
"""After this long supervisord itself is stuck, and is killed; its processes notice that and end."""


class SupervisorDied(PianolaError):
    """supervisord ended without being asked to."""

    def __init__(self, code: int, settings: Settings) -> None:
        super().__init__(
            f"supervisord ended unexpectedly (exit code {code}), and all processes end with it; no data is lost. "
            f"{settings.logs}/supervisord.log and supervisord.out may say why. `pianola up` starts everything again."
        )


class Launcher:
    """One run of everything, from the start of supervisord to its end."""

    def __init__(self, settings: Settings, processes: dict[str, str], lock: IO[str]) -> None:
        """`processes`: as the Procfile has them. `lock`: of the role supervisord."""
        self._settings = settings
        self._processes = processes
        self._started = time.monotonic()
        self._supervisord = supervisor.start(settings, processes, lock)
        self.watchdog = Watchdog(processes)
        self.listed: LlmListed | None = None
        self._pids: dict[str, int] = {}
        self._bus = Bus("pianola", settings, self._print)
        self._news = asyncio.Event()
        self._ended = asyncio.Event()
        self._stopping = False

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started

    # --- the life ---

    async def join(self) -> None:
        """Join the bus and listen to signals; the broker may come later."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGCHLD, self._child_died)
        self._bus.hear(ServiceChanged, self._heard_service)
        self._bus.hear(LlmListed, self._heard_listed)
        await self._broker_bound()
        self._bus.connect()
        self._tasks = [loop.create_task(self._echo()), loop.create_task(self._watch())]
        self._child_died()

    async def _broker_bound(self) -> None:
        """Wait for the broker's socket: who connects before has to try again, and misses what is said meanwhile."""
        bound = (self._settings.run / "subscribe").exists
        while not bound() and self.seconds < PATIENCE_SECONDS and not self._ended.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # a file tells nobody that it appeared

    async def ready(self) -> bool:
        """Wait until all processes are ready, saying who is missing; return False if it is to end before."""
        said, next_word = "", PATIENCE_SECONDS
        while self.watchdog.missing and not self._leaving:
            await self._wait_for_news()
            if self.seconds > next_word and (word := self._who_is_missing()) != said:
                print_line(word)
                said, next_word = word, self.seconds + PATIENCE_SECONDS
        await self._page()
        return not self._leaving

    @property
    def _leaving(self) -> bool:
        return self._stopping or self._ended.is_set()

    async def _page(self) -> None:
        """Wait until the web process serves pages: it is on the bus a moment before that."""
        while WEB in self._processes and not self._leaving and not await self._page_answers():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)

    async def _page_answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection(HOST, self._settings.port)
            writer.write(f"GET /healthz HTTP/1.0\r\nHost: {HOST}:{self._settings.port}\r\n\r\n".encode())
            answered = (await reader.read(12)).startswith(b"HTTP/")
            writer.close()
        except OSError:
            return False
        return answered

    async def what_plays(self) -> tuple[LlmListed | None, str]:
        """Return the list of models, if the worker tells it soon, and the user's last choice."""
        deadline = time.monotonic() + LISTED_SECONDS
        while self.listed is None and time.monotonic() < deadline and not self._leaving:
            await self._wait_for_news()
        return self.listed, "" if self._leaving else await self._chosen_model()

    async def ended(self) -> int:
        """Wait for the end; return the exit code, or raise `SupervisorDied`."""
        await self._ended.wait()
        for task in self._tasks:
            task.cancel()
        self._bus.close()
        if not self._stopping:
            await self._see_orphans_off()
            raise SupervisorDied(self._supervisord.returncode, self._settings)
        return 0 if self._supervisord.returncode == 0 else 1

    async def _see_orphans_off(self) -> None:
        """Wait until the processes that supervisord left behind have ended by themselves; kill who does not."""
        for _ in range(round(ORPHAN_SECONDS / LOOK_SECONDS)):
            if not any(supervisor.lives(pid) for pid in self._pids.values()):
                return
            await asyncio.sleep(LOOK_SECONDS)
        for pid in self._pids.values():
            supervisor.kill(pid)

    def stop(self) -> None:
        """End everything in good order; heard twice it is the same."""
        if self._stopping:
            return
        self._stopping = True
        print_line("Pianola ends …")
        self._supervisord.terminate()
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._supervisord.kill)
        self._news.set()

    def _child_died(self) -> None:
        if self._supervisord.poll() is not None:
            self._ended.set()
            self._news.set()

    # --- what is heard ---

    async def _wait_for_news(self) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(TICK_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return

    def _heard_service(self, heard: Envelope) -> None:
        message: ServiceChanged = heard.message
        if message.state == "ready":
            self._pids[message.process] = message.pid
            self.watchdog.beat(message.process)
        else:
            self._pids.pop(message.process, None)
            self.watchdog.left(message.process)
        self._news.set()

    def _heard_listed(self, heard: Envelope) -> None:
        self.listed = heard.message
        self._news.set()

    async def _chosen_model(self) -> str:
        order = StoreOrder(verb="get", table="setting", id="model", actor="system")
        try:
            answer = (await self._bus.ask(order, order.table, seconds=2.0)).message
        except NoAnswer:
            return ""
        value = answer.rows[0].get("value") if answer.ok and answer.rows else ""
        return value if isinstance(value, str) else ""

    # --- the watch ---

    async def _echo(self) -> None:
        while True:
            try:
                await self._bus.greet(ECHO_SECONDS)
            except NoBroker:
                continue
            self.watchdog.echo()
            self._news.set()
            await asyncio.sleep(ECHO_SECONDS)

    async def _watch(self) -> None:
        while not self._stopping:
            await asyncio.sleep(TICK_SECONDS)
            for name in self.watchdog.tick():
                self._end_stuck(name)

    def _end_stuck(self, name: str) -> None:
        """Kill a process that hangs; supervisord starts it anew."""
        allowed = self.watchdog.allowed_seconds(name)
        self.watchdog.left(name)
        try:
            found = next(one for one in supervisor.processes(self._settings) if one.name == name)
        except (StopIteration, supervisor.NoSupervisor):
            return
        if found.pid and found.seconds > allowed - TICK_SECONDS:
            print_line(f"{name} was silent for {allowed:.0f} s and is started anew (process {found.pid} was killed).")
            supervisor.kill(found.pid)

    # --- words ---

    def _who_is_missing(self) -> str:
        lines = [f"Waiting for {', '.join(self.watchdog.missing)} …"]
        for name in self.watchdog.missing:
            file = problem_file(self._settings, name)
            if file.exists():
                lines.append(f"  {name}: {file.read_text().strip()}")
        return "\n".join(lines)

    def _print(self, text: str, _error: BaseException) -> None:
        print_line(text)
