"""What tests need to run the real thing: `System` starts real processes in their own home, `Guest` joins their bus.

with System() as system:
    system.start("broker", "store")

    async def play(guest: Guest) -> None:
        guest.bus.say(...)
        heard = await guest.until(lambda heard: heard.message.kind == "store.changed")

    system.visit(play)
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, Self, TypeVar

import zmq

from bus.bus import Bus
from bus.messages import BusCounted, BusWelcomed, JobProgressed, ServiceChanged
from bus.settings import Settings, load
from bus.wire import Envelope, Frames, decode, topic
from tests.support import prefork
from tests.support.prefork import Forked

ROOT = Path(__file__).parent.parent.parent

MODULES = {
    "broker": "services.broker",
    "store": "store",
    "llm_worker": "llm_worker",
    "agent": "services.agent",
    "jobs": "services.jobs",
    "web": "web",
    "logger": "services.logger",
    "engine": "llm_worker.embedded.engine",
    "mcp": "services.mcp",
}
"""Process to the module that `python -m` runs. The engine never says that it is ready: `launch` it."""

TEMPLATES = {module for name, module in MODULES.items() if name not in ("engine", "mcp")}
"""Modules that are imported once for all tests of a worker, see prefork.py."""

NO_OLLAMA = "http://127.0.0.1:9"
"""Nothing listens there, so that a test never meets the Ollama of the machine."""

PATIENCE_SECONDS = 60.0
"""How long a test waits for what should come. Only a test that fails waits so long."""

Process = subprocess.Popen[bytes] | Forked
Result = TypeVar("Result")
Wanted = Callable[[Envelope], Any]


def free_port() -> int:
    """Return a TCP port of the loopback address that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own: the browser of other tests has an event loop in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def run_in_main_thread(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine here, where signals arrive, although the browser of other tests has its event loop here, too."""
    outer = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return asyncio.run(work)
    finally:
        asyncio._set_running_loop(outer)


class System:
    """Real processes with a temporary home, a free port and an environment of their own."""

    def __init__(self, environment: Mapping[str, str] | None = None, home: Path | None = None) -> None:
        """`environment`: settings beyond the usual. `home`: an earlier one, which is kept; else a new one, removed."""
        self.home = home or Path(tempfile.mkdtemp(prefix="p.", dir="/tmp"))
        self.environment = self._environment(environment or {})
        self.settings: Settings = load(self.environment)
        self.port = self.settings.port
        self.processes: dict[str, Process] = {}
        self._removes_home = home is None
        self._brokers: set[str] = set()
        self._ready: dict[str, int] = {}
        self._last_outputs = ""
        self._context = zmq.Context()
        self._ears = self._listen()

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIANOLA_", "OLLAMA_"))}
        ours = {"PIANOLA_HOME": str(self.home), "PIANOLA_PORT": str(free_port()), "OLLAMA_HOST": NO_OLLAMA}
        return inherited | ours | more

    def _listen(self) -> zmq.Socket[bytes]:
        ears = self._context.socket(zmq.SUB)
        ears.linger, ears.reconnect_ivl, ears.reconnect_ivl_max = 0, 10, 50
        ears.subscribe(topic(ServiceChanged.kind))
        ears.subscribe(topic(BusWelcomed.kind, "harness"))
        ears.connect(self.settings.subscribe_endpoint)
        return ears

    def __enter__(self) -> Self:
        """Use it as a context manager: at the end all processes are told to stop and must leave with exit code 0."""
        return self

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        """Stop; a failing exit code does not hide the failure of the test itself."""
        try:
            codes = self._end_all()
        finally:
            self._close()
        if error is None:
            assert not any(codes.values()), f"exit codes on SIGTERM: {codes}\n{self._last_outputs}"

    # --- processes ---

    def start(self, *names: str) -> None:
        """Start processes, the broker first if it is among them, and wait until each is ready."""
        for name in names:
            self.launch(name)
        for name in names:
            self.wait_ready(name)

    def launch(self, name: str, *arguments: str) -> Process:
        """Start one process without waiting for it."""
        with self.output_file(name).open("ab") as output:
            start = self._fork if MODULES[name] in TEMPLATES and prefork.serves(self.environment) else self._run
            self.processes[name] = start(MODULES[name], arguments, output)
        return self.processes[name]

    def _fork(self, module: str, arguments: Sequence[str], output: IO[bytes]) -> Process:
        return prefork.template_of(module, ROOT).start(arguments, self.environment, output)

    def _run(self, module: str, arguments: Sequence[str], output: IO[bytes]) -> Process:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )

    def wait_ready(self, name: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the process that was started last under this name says that it is ready."""
        process = self.processes[name]
        deadline = time.monotonic() + seconds
        while not self._is_ready(name, process.pid):
            if process.poll() is not None:
                raise AssertionError(f"{name} left with exit code {process.returncode}:\n{self.output(name)}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} is not ready after {seconds} s:\n{self.output(name)}")
            if self._ears.poll(50):
                self._note(self._ears.recv_multipart())

    def _is_ready(self, name: str, pid: int) -> bool:
        return self._ready.get(name) == pid

    def _note(self, frames: Frames) -> None:
        message = decode(frames).message
        if isinstance(message, ServiceChanged) and message.state == "ready":
            self._ready[message.process] = message.pid
        if isinstance(message, BusWelcomed) and message.broker not in self._brokers:
            self._brokers.add(message.broker)
            self._ready["broker"] = self.processes["broker"].pid

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """End a process at once, without a chance to clean up, and wait until it is gone."""
        process = self.processes.pop(name)
        process.send_signal(number)
        process.wait(PATIENCE_SECONDS)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal, for example SIGSTOP, to a process, which stays in `processes`."""
        self.processes[name].send_signal(number)

    def memory(self, name: str) -> int:
        """Return the resident bytes of a process."""
        pages = Path(f"/proc/{self.processes[name].pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def stop(self, *names: str) -> None:
        """Tell processes (all when none is named) to end, and see that each leaves with exit code 0."""
        codes = {name: self._end(name) for name in names or reversed(list(self.processes))}
        assert not any(codes.values()), f"exit codes on SIGTERM: {codes}\n{self.outputs()}"

    def _end(self, name: str) -> int:
        process = self.processes.pop(name)
        process.terminate()
        try:
            return process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _end_all(self) -> dict[str, int]:
        return {name: self._end(name) for name in reversed(list(self.processes))}

    def _close(self) -> None:
        self._ears.close()
        self._context.term()
        self._last_outputs = self.outputs()
        if self._removes_home:
            shutil.rmtree(self.home, ignore_errors=True)

    # --- what they printed ---

    def output_file(self, name: str) -> Path:
        """Return the file that takes what a process prints."""
        return self.settings.logs / f"{name}.out"

    def output(self, name: str) -> str:
        """Return what a process printed, in all its runs."""
        file = self.output_file(name)
        return file.read_text(errors="replace") if file.exists() else ""

    def outputs(self) -> str:
        """Return what all processes printed."""
        return "".join(f"--- {name}\n{self.output(name)}" for name in MODULES if self.output(name))

    # --- the bus ---

    def visit(self, work: Callable[["Guest"], Awaitable[Result]], name: str = "guest") -> Result:
        """Run a coroutine function with a guest on the bus."""

        async def stay() -> Result:
            async with self.guest(name) as guest:
                return await work(guest)

        return run_apart(stay())

    @asynccontextmanager
    async def guest(self, name: str = "guest") -> AsyncIterator["Guest"]:
        """Join the bus, hearing everything, and leave it afterwards."""
        guest = Guest(name, self.settings)
        guest.bus.connect()
        try:
            await guest.bus.greet(PATIENCE_SECONDS)
            yield guest
        finally:
            guest.bus.close()


REPEATED = ServiceChanged, BusCounted, JobProgressed
"""What is said again and again, and would hide what happened."""


class Guest:
    """A test on the bus: it remembers everything it hears, in order, and waits for what it wants to hear."""

    def __init__(self, name: str, settings: Settings) -> None:
        """Made by `System.guest`, which connects and greets."""
        self.heard: list[Envelope] = []
        self.problems: list[str] = []
        self.bus = Bus(name, settings, lambda text, _error: self.problems.append(text))
        self.bus.hear_everything(self._hear)
        self._news = asyncio.Event()

    def _hear(self, frames: Frames) -> None:
        self.heard.append(decode(frames))
        self._news.set()

    async def until(self, wanted: Wanted, seconds: float = PATIENCE_SECONDS, after: int = 0) -> Envelope:
        """Return the first message, past or future, for which `wanted` holds; `after`: skip as many of the past."""
        cursor = after
        try:
            async with asyncio.timeout(seconds):
                while True:
                    while cursor < len(self.heard):
                        cursor += 1
                        if wanted(self.heard[cursor - 1]):
                            return self.heard[cursor - 1]
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            telling = [heard for heard in self.heard if not isinstance(heard.message, REPEATED)]
            last = "\n".join(f"{heard.key} {heard.message!r:.500}" for heard in telling[-20:])
            raise AssertionError(f"not heard within {seconds} s; the last messages were:\n{last}") from None

    def all(self, kind: type, **fields: Any) -> list[Any]:
        """Return the messages of a kind heard so far whose fields have these values."""
        return [
            heard.message
            for heard in self.heard
            if isinstance(heard.message, kind)
            and all(getattr(heard.message, name) == value for name, value in fields.items())
        ]


def message_of(kind: type, **fields: Any) -> Wanted:
    """Return a predicate for a message of a kind whose fields have these values, for `Guest.until`."""

    def wanted(heard: Envelope) -> bool:
        found = heard.message
        return isinstance(found, kind) and all(getattr(found, name) == value for name, value in fields.items())

    return wanted
