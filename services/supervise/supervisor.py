"""Start supervisord as a child process, and ask it about the processes. See docs/decisions/supervisor.md."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from configparser import RawConfigParser
from dataclasses import dataclass
from typing import IO, Any

from bus.code.folder import with_code
from bus.code.version import STARTED
from bus.errors import PianolaError
from bus.processes.parent import VARIABLE
from bus.role import holder_of
from bus.settings import Settings
from services.supervise.configuration import names, write


class NoSupervisor(PianolaError):
    """supervisord does not answer at its socket."""

    def __init__(self, settings: Settings) -> None:
        if holder := holder_of("supervisor", settings.run):
            super().__init__(
                f"Pianola runs in {settings.home} (process {holder}), but does not answer through {settings.run}: "
                "files there may have been removed. Wait a few seconds; if that does not help, `pianola down`, then "
                "`pianola up`."
            )
        else:
            which = "" if os.environ.get("PIANOLA_HOME") else " (the default folder; PIANOLA_HOME names another one)"
            super().__init__(f"Pianola is not running in {settings.home}{which}. `pianola up` starts it.")


@dataclass(frozen=True, slots=True)
class Process:
    """A process as supervisord sees it. `pid` 0: it is not running; `seconds`: since its start."""

    name: str
    state: str
    pid: int
    seconds: float


def start(
    settings: Settings, processes: Mapping[str, str], beside: Mapping[str, str], lock: IO[str], code: str
) -> subprocess.Popen[bytes]:
    """Write the configuration and start supervisord, which inherits the `lock` of its role.

    `beside`: what has no part in the bus; nobody waits for it, and no watchdog watches it. `code`: see `Launcher`.

    It gets a session of its own: Ctrl-C in a terminal then reaches only us, and we stop supervisord properly.
    """
    configuration = write(settings, {**processes, **beside})
    (settings.run / "starts.json").unlink(missing_ok=True)
    supervisord = subprocess.Popen(  # noqa: S603 (no input of the user)
        [sys.executable, "-m", "services.supervise.supervisord", "-c", configuration.name],
        cwd=settings.run,
        env=with_code() | _environment(settings, processes, code),
        stdin=subprocess.DEVNULL,
        stdout=(settings.logs / "supervisord.out").open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(lock.fileno(),),
    )
    lock.close()  # supervisord holds it from now on, even if we are killed
    return supervisord


def _environment(settings: Settings, processes: Mapping[str, str], code: str) -> dict[str, str]:
    """Return the environment variables that all processes get in addition to ours."""
    return {
        "PIANOLA_HOME": str(settings.home),
        "PIANOLA_PROCESSES": names(processes),
        "PIANOLA_PYTHON": shlex.quote(sys.executable),
        STARTED: code,
        VARIABLE: str(os.getpid()),
        "PYTHONSAFEPATH": "1",  # import no modules from the current folder
    }


def processes(settings: Settings) -> list[Process]:
    """Ask supervisord for all processes, or raise `NoSupervisor`."""
    # Imported here: XML-RPC would double the memory of the launcher, which almost never asks.
    from xmlrpc.client import Error, ServerProxy  # noqa: PLC0415

    from supervisor.xmlrpc import SupervisorTransport  # noqa: PLC0415

    parser = RawConfigParser()
    parser.read(settings.run / "supervisord.conf")
    if not parser.has_section("unix_http_server"):
        raise NoSupervisor(settings)
    known = parser["unix_http_server"]
    transport = SupervisorTransport(known["username"], known["password"], f"unix://{settings.run}/supervisor.sock")
    try:
        answer: Any = ServerProxy("http://127.0.0.1", transport=transport).supervisor.getAllProcessInfo()
    except (OSError, Error) as error:
        raise NoSupervisor(settings) from error
    finally:
        transport.close()
    return [_process(info) for info in answer]


def _process(info: dict[str, Any]) -> Process:
    seconds = float(info["now"] - info["start"])
    return Process(info["name"], info["statename"].lower(), info["pid"], seconds)


def kill(pid: int) -> None:
    """Kill a process that does not react any more. Do nothing if it is gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
