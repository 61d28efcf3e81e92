"""supervisord as a child of ours: start it, ask it, end it. See docs/decisions/supervisor.md."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from configparser import RawConfigParser
from dataclasses import dataclass
from typing import IO, Any

from bus.errors import PianolaError
from bus.settings import Settings
from services.supervise.configuration import names, write
from services.supervise.procfile import CHECKOUT


class NoSupervisor(PianolaError):
    """Nobody answers at supervisord's socket."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(f"Pianola is not running in {settings.home}. `make up` or `pianola up` starts it.")


@dataclass(frozen=True, slots=True)
class Process:
    """What supervisord knows of a process. `pid` 0: it does not live; `seconds`: since it was started."""

    name: str
    state: str
    pid: int
    seconds: float


def start(settings: Settings, processes: Mapping[str, str], lock: IO[str]) -> subprocess.Popen[bytes]:
    """Write the configuration and start supervisord, which takes over the `lock` of its role.

    In a session of its own, so that Ctrl-C in a terminal reaches only us, who then end it in good order.
    """
    configuration = write(settings, processes)
    (settings.run / "starts.json").unlink(missing_ok=True)
    supervisord = subprocess.Popen(  # noqa: S603 (our own words only)
        [sys.executable, "-m", "services.supervise.supervisord", "-c", configuration.name],
        cwd=settings.run,
        env=os.environ | _environment(settings, processes),
        stdin=subprocess.DEVNULL,
        stdout=(settings.logs / "supervisord.out").open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(lock.fileno(),),
    )
    lock.close()  # it is held on by supervisord, however we end
    return supervisord


def _environment(settings: Settings, processes: Mapping[str, str]) -> dict[str, str]:
    """Return what all processes find in their environment, besides what we found in ours."""
    return {
        "PIANOLA_HOME": str(settings.home),
        "PIANOLA_PROCESSES": names(processes),
        "PIANOLA_PYTHON": shlex.quote(sys.executable),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH", "")])),
        "PYTHONSAFEPATH": "1",  # modules come from the checkout, never from the folder we happen to be in
    }


def processes(settings: Settings) -> list[Process]:
    """Ask supervisord for all processes; raises `NoSupervisor`."""
    # Imported here: XML-RPC costs the launcher, which hardly ever asks, as much memory as all the rest of it.
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


def lives(pid: int) -> bool:
    """Whether there is a process of this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int) -> None:
    """End a process that does not react any more; one that is gone already is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
