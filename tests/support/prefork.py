"""Start processes from a template that has imported their module already, which takes a tenth of the processor time.

A template is a Python process that imports a module with all it uses, and waits. For each start it forks. The copy runs
the module as `python -m` does, and ends as Python ends: only the imports are not repeated. That processes also start
without a template is shown by all tests with `pianola up`, and by those that set variables which are no settings.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, NamedTuple

COMMAND_LINE = "services.cli.main"
LOADED_LATER = {
    "web": ("web.serving",),
    "store": ("sqlite_utils",),
    "llm_worker": ("httpcore", "anyio"),
    COMMAND_LINE: tuple(f"services.cli.{name}" for name in ("commands.ask", "commands.status", "data.handed_over")),
}
"""What a module imports only while it starts."""
ENVIRONMENT = dict(os.environ)
"""Of all templates: what a module reads of it while it is imported, its copies share."""
SETTINGS = ("PIANOLA_", "OLLAMA_", "PYTEST_", "PYTHONPATH", "BOTIFY_")
"""How variables begin that no module reads while it is imported. Python reads its path at the start, and so do we."""
MOST_BYTES = 1 << 17
"""Of a request, which holds an environment."""
FILES = 4
"""Of a request: input, output, errors, and the pipe that tells how the process ended."""


class Forked:
    """A process made by a template, used as a `subprocess.Popen`."""

    def __init__(self, report: int) -> None:
        """`report`: the pipe that brings the process's id and, at its end, its exit code, a line each."""
        self._report = open(report, "rb", buffering=0)  # noqa: SIM115 (closed at the end of the process)
        self.pid = self._told()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code; None while the process runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when the process has ended, or raise `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = self._told()
            self._report.close()
        return self.returncode

    def _told(self) -> int:
        line = self._report.readline()
        if not line:
            raise ChildProcessError("the template of a process has ended: what it printed is above")
        return int(line)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Tell the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once."""
        self.send_signal(signal.SIGKILL)


class Template:
    """The test's side of a template."""

    def __init__(self, module: str, folder: Path) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, module, str(theirs.fileno())],
                cwd=folder,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes],
        *,
        problems: IO[bytes] | None = None,
        given: IO[bytes] | None = None,
    ) -> Forked:
        """Start a process whose output goes to a file. `problems`: another one for its errors; `given`: its input."""
        request = json.dumps([list(arguments), dict(environment)]).encode()
        report, told = os.pipe()
        try:
            with open(os.devnull, "rb") as nothing:
                files = [(given or nothing).fileno(), output.fileno(), (problems or output).fileno(), told]
                socket.send_fds(self._ours, [request], files)
        finally:
            os.close(told)
        return Forked(report)

    def end(self) -> None:
        """End the template; what it has started goes on."""
        self._ours.close()
        self._process.wait()


def serves(environment: Mapping[str, str]) -> bool:
    """Return whether copies of a template can have this environment, and the system has what a template needs."""
    differing = {name for name, _ in environment.items() ^ ENVIRONMENT.items()}
    return hasattr(os, "pidfd_open") and all(name.startswith(SETTINGS) for name in differing)


@cache
def template_of(module: str, folder: Path) -> Template:
    """Return the template of a module, which runs until this process ends."""
    template = Template(module, folder)
    atexit.register(template.end)
    return template


# --- the process of the template ---


def main(module: str, channel: int) -> None:
    """Import a module, start a process of it for each request, and end when the tests do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests: they end their processes
    with suppress(Exception):  # what cannot be imported fails in each copy, which tells why
        for name in (_code_of(module), *LOADED_LATER.get(module, ())):
            importlib.import_module(name)
    gc.freeze()  # so that a copy shares this memory
    with socket.socket(fileno=channel) as requests:
        start = _serve(requests)
    if start:
        start.become(module)
        runpy.run_module(module, run_name="__main__", alter_sys=True)


class Start(NamedTuple):
    """A process that is to be started."""

    arguments: list[str]
    environment: dict[str, str]
    given: int
    output: int
    problems: int
    report: int

    def become(self, module: str) -> None:
        """Make this copy of the template what a new process would be."""
        streams = self.given, self.output, self.problems
        for stream, file in enumerate(streams):
            os.dup2(file, stream)
        _close(self.report, *streams)
        os.environ.clear()
        os.environ.update(self.environment)
        if (path := self.environment.get("PYTHONPATH", "")) != ENVIRONMENT.get("PYTHONPATH", ""):
            sys.path[1:1] = path.split(os.pathsep)
        sys.argv = ["", *self.arguments]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.modules.pop(_code_of(module), None)


def _code_of(module: str) -> str:
    """Return the name of the code that `python -m` runs."""
    found = find_spec(module)
    return f"{module}.__main__" if found and found.submodule_search_locations else module


def _serve(requests: socket.socket) -> Start | None:
    """Fork for each request, and tell how each process ended. Return in a copy; and, with None, when the tests end."""
    running: dict[int, tuple[int, int]] = {}
    events = select.poll()
    events.register(requests, select.POLLIN)
    while True:
        for file, _ in events.poll():
            if file in running:
                events.unregister(file)
                _tell_end(file, *running.pop(file))
            elif (start := _received(requests)) is None:
                return None
            elif process := os.fork():
                handle = os.pidfd_open(process)
                events.register(handle, select.POLLIN)
                running[handle] = process, start.report
                _close(start.given, start.output, start.problems)
                os.write(start.report, b"%d\n" % process)
            else:
                _close(*running, *(report for _, report in running.values()))
                return start


def _received(requests: socket.socket) -> Start | None:
    request, files, _, _ = socket.recv_fds(requests, MOST_BYTES, FILES)
    return Start(*json.loads(request), *files) if request else None


def _tell_end(handle: int, process: int, report: int) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with suppress(BrokenPipeError):  # nobody waits for it
        os.write(report, b"%d\n" % code)
    _close(handle, report)


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
