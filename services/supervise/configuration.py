"""supervisord's configuration, written from the Procfile at every start.

There are three groups because supervisord stops one group after the other, the highest priority first: first most
processes, then the store, which still receives their last orders, then the broker, which carries these orders.
Paths are relative to the `run` folder, the working directory of supervisord: it expands `%` in some paths twice, so no
way to escape the name of a folder works in all of them.
"""

import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from bus.settings import Settings

LAST_TO_STOP = ("broker", "store")
"""Each of these is a group of its own; all other processes are the group `others`."""
OTHERS = "others"

STOP_SECONDS = {OTHERS: 3, "store": 2, "broker": 1}
"""Time for a group to stop before it is killed."""

START_SECONDS = 3
"""A process that has run for this long counts as started. One that ends before is restarted after a pause."""

RETRIES = 10**9
"""Never give up: the user can correct the problem meanwhile, and `pianola status` shows it.

The pause between two starts is limited in `services/supervise/supervisord.py`."""

LOG_BYTES = 1_000_000
LOGS_KEPT = 2

LEAST_FILES = 256
"""Open files that each process must be allowed to have; more are used if the system allows them."""

HEAD = """\
; Written by `pianola up` from the Procfile; changes are lost at its next start.
[supervisord]
nodaemon=true
silent=true
minfds={files}
{user}logfile=../logs/supervisord.log
logfile_maxbytes={bytes}
logfile_backups={kept}
pidfile=supervisord.pid
childlogdir=../logs
identifier=pianola

[unix_http_server]
file=supervisor.sock
chmod=0700
username={username}
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

PROGRAM = """
[program:{name}]
command=%(ENV_PIANOLA_PYTHON)s -m {module}
priority={priority}
autorestart=true
startsecs={start}
startretries={retries}
stopwaitsecs={stop}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=../logs/{name}.log
stdout_logfile_maxbytes={bytes}
stdout_logfile_backups={kept}
"""

GROUP = """
[group:{name}]
programs={programs}
priority={priority}
"""


def group_of(process: str) -> str:
    """Return the group of a process: its own name, or `others`."""
    return process if process in LAST_TO_STOP else OTHERS


def configuration_text(processes: Mapping[str, str]) -> str:
    """Return the configuration. `processes`: name to the module that `python -m` runs."""
    credentials = {"username": secrets.token_hex(8), "password": secrets.token_hex(16)}
    user = "user=root\n" if os.geteuid() == 0 else ""  # without this line supervisord warns about root
    parts = [HEAD.format(user=user, files=LEAST_FILES, bytes=LOG_BYTES, kept=LOGS_KEPT, **credentials)]
    parts += [_program(name, module) for name, module in processes.items()]
    for group in (*LAST_TO_STOP, OTHERS):
        if members := [name for name in processes if group_of(name) == group]:
            parts.append(GROUP.format(name=group, programs=",".join(members), priority=_priority(group)))
    return "".join(parts)


def _program(name: str, module: str) -> str:
    group = group_of(name)
    return PROGRAM.format(
        name=name,
        module=module.replace("%", "%%"),
        priority=_priority(group),
        start=START_SECONDS,
        retries=RETRIES,
        stop=STOP_SECONDS[group],
        bytes=LOG_BYTES,
        kept=LOGS_KEPT,
    )


def _priority(group: str) -> int:
    return {"broker": 10, "store": 20, OTHERS: 30}[group]


def write(settings: Settings, processes: Mapping[str, str]) -> Path:
    """Write the configuration to a file that only this user can read, and return its path."""
    path = settings.run / "supervisord.conf"
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(configuration_text(processes))
    return path


def names(processes: Iterable[str]) -> str:
    """Return the names of the processes as the environment variable `PIANOLA_PROCESSES` holds them."""
    return ",".join(processes)
