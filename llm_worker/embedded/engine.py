"""engine: serves the model file that the worker wishes (`bus/embedded/files.py`). It is no process of the bus.

It waits cheaply and loads nothing before the first wish. The model is held by a process of its own (`serving`): when
that one crashes, this one says so, and loads the file again when it is wished again. Both end with `pianola up`.
"""

import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bus.code.version import check_version
from bus.embedded.files import EngineState, Wish, read_wish, state_file, write
from bus.errors import EXIT_REFUSED, PianolaError
from bus.processes.parent import parent
from bus.settings import Settings, load
from llm_worker.embedded.gguf import BadGguf
from llm_worker.embedded.library import ModelFile, read_model_file
from llm_worker.embedded.memory import free_bytes, in_words, needed_bytes
from llm_worker.embedded.serving import Order

TICK_SECONDS = 0.2
"""Time between two looks at the wish."""
END_SECONDS = 2.0
"""Longest wait for the end of the process that holds the model."""
BATCH_SECONDS = 2.0
"""A stop waits so long at most, on a slow laptop."""
SLOW_READING = 75e9
"""Such a laptop reads so many tokens a second, times the parameters of the model: 50 tokens/s with 1.5 billion."""
LEAST_BATCH, MOST_BATCH = 32, 128
LEAST_WINDOW = 256


class TooLarge(PianolaError):
    """A model does not fit into the free memory."""

    def __init__(self, found: ModelFile, window: int, needed: int, free: int) -> None:
        super().__init__(
            f"{found.path.name} needs about {in_words(needed)} of memory with a window of {window:,} tokens, and "
            f"{in_words(free)} are free. Close other programs, or choose a smaller window or a smaller model."
        )


class Engine:
    """What is wished, and the process that serves it."""

    def __init__(self, settings: Settings) -> None:
        """Serves nothing yet."""
        self._settings = settings
        self._state = EngineState(pid=os.getpid())
        self._unsaid = False
        """The last state could not be written."""
        self._server: subprocess.Popen[str] | None = None
        self._parent = parent()
        self._answers = selectors.DefaultSelector()

    def run(self) -> None:
        """Follow the wishes until the process that started us is gone."""
        self._say(self._state)
        try:
            while os.getppid() == self._parent:
                self._follow_wish()
                if self._unsaid:
                    self._say(self._state)
                if self._answers.get_map():
                    self._look_at_server(TICK_SECONDS)
                else:
                    time.sleep(TICK_SECONDS)
        finally:
            self._end_server()

    # --- wishes ---

    def _follow_wish(self) -> None:
        wish = read_wish(self._settings)
        if wish.file and wish.until and time.time() > wish.until:
            wish = replace(wish, file="")
        same = (wish.file, wish.window, wish.adapter) == (self._state.file, self._state.window, self._state.adapter)
        if not wish.file:
            if self._server or self._state.wish != wish.id or self._state.state != "idle":
                self._end_server()
                self._say(EngineState(pid=os.getpid(), wish=wish.id))
        elif self._server and same and self._server.poll() is None:
            if self._state.wish != wish.id:
                self._say(replace(self._state, wish=wish.id))
        elif wish.id != self._state.wish:
            self._end_server()
            self._load(wish)

    def _load(self, wish: Wish) -> None:
        """Check the file, and start a process that serves it."""
        window = max(wish.window, LEAST_WINDOW)
        state = EngineState(pid=os.getpid(), wish=wish.id, file=wish.file, window=wish.window, adapter=wish.adapter)
        try:
            found = checked(Path(wish.file), window)
        except PianolaError as problem:
            self._say(replace(state, state="failed", problem=str(problem)))
            return
        key = secrets.token_urlsafe(32)
        order = Order(wish.file, window, batch_of(found.header.parameters), threads(), key, wish.adapter)
        self._server = start_server(order)
        self._answers.register(self._server.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
        self._say(replace(state, state="loading", server_pid=self._server.pid, key=key))

    # --- the process that serves ---

    def _look_at_server(self, seconds: float) -> None:
        """Note that the model is loaded, or that its process has ended. Wait so long for it."""
        if not self._answers.select(seconds) or not self._server or not self._server.stdout:
            return
        line = self._server.stdout.readline()
        if not line:
            self._failed(how_it_ended(self._server.wait(), self._state))
            return
        said = answer_in(line)
        if address := said.get("address"):
            self._say(replace(self._state, state="ready", address=str(address)))
        elif problem := said.get("problem"):
            self._failed(
                f"{Path(self._state.file).name} could not be loaded ({problem}). The engine may not know its "
                f"architecture: choose another model. {self._settings.logs}/engine.log says more."
            )

    def _failed(self, problem: str) -> None:
        self._end_server()
        self._say(replace(self._state, state="failed", server_pid=0, address="", key="", problem=problem))

    def _end_server(self) -> None:
        server, self._server = self._server, None
        if not server:
            return
        if server.stdout and server.stdout.fileno() in self._answers.get_map():
            self._answers.unregister(server.stdout)
        if server.stdin:
            server.stdin.close()
        server.kill()  # it has nothing to save
        server.wait(END_SECONDS)

    def _say(self, state: EngineState) -> None:
        """Write a new state; if the disk is full, again and again until there is room."""
        self._state = state
        try:
            write(state_file(self._settings), state)
            self._unsaid = False
        except OSError as error:
            if not self._unsaid:
                sys.stderr.write(f"engine: {state_file(self._settings)} cannot be written: {error.strerror}\n")
            self._unsaid = True


def checked(path: Path, window: int) -> ModelFile:
    """Return the file if it can be served with this window. Raises `BadGguf` or `TooLarge`."""
    found = read_model_file(path)
    if isinstance(found, BadGguf):
        raise found
    needed, free = needed_bytes(found.size, found.header.bytes_per_token, window), free_bytes()
    if free and needed > free:
        raise TooLarge(found, window, needed, free)
    return found


def batch_of(parameters: int) -> int:
    """Return how many tokens are read at once, so that a slow laptop reads them in `BATCH_SECONDS`."""
    tokens = int(BATCH_SECONDS * SLOW_READING / max(parameters, 1))
    return max(LEAST_BATCH, min(MOST_BATCH, tokens // LEAST_BATCH * LEAST_BATCH))


def threads() -> int:
    """Return how many threads calculate: one for each core that we may use. More would wait for each other."""
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:
        usable = os.cpu_count() or 1
    return max(1, usable // 2) if two_in_one_core() else usable


def two_in_one_core() -> bool:
    """Return whether two processors share a core, as far as the system tells."""
    try:
        return Path("/sys/devices/system/cpu/smt/active").read_text().strip() == "1"
    except OSError:
        return (os.cpu_count() or 1) > 4 and sys.platform != "darwin"


def start_server(order: Order) -> subprocess.Popen[str]:
    """Start the process that holds the model. It ends when its standard input is closed, by us or by our death."""
    server = subprocess.Popen(
        [sys.executable, "-m", "llm_worker.embedded.serving"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with suppress(BrokenPipeError):  # it has ended already, which is noticed later
        if server.stdin:
            server.stdin.write(json.dumps(asdict(order)) + "\n")
            server.stdin.flush()
    return server


def answer_in(line: str) -> dict[str, Any]:
    """Return the JSON object in a line, {} for none."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if type(said) is dict else {}


def how_it_ended(code: int, state: EngineState) -> str:
    """Return the sentence about a server process that ended by itself."""
    name = Path(state.file).name
    while_ = "while it loaded" if state.state == "loading" else "while it served"
    if code == -signal.SIGKILL:
        return (
            f"The engine was killed {while_} {name}, perhaps by the system because memory ran out. Try again; if it "
            f"happens again, choose a smaller model or a smaller window, or close other programs."
        )
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"The engine ended {while_} {name} ({how}). Try again, or choose another model."


def main() -> int:
    """Run until SIGTERM."""
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        check_version()
        settings = load()
    except PianolaError as problem:
        sys.stderr.write(f"engine: {problem}\n")
        return EXIT_REFUSED
    Engine(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
