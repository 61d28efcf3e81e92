"""`pianola status`: show the processes (as supervisord and the bus see them), the model and the bus."""

import argparse
import json
from dataclasses import asdict, dataclass
from typing import Any

from bus.embedded.files import PROCESS
from bus.mcp.package import PROCESS as MCP
from bus.message_line import safe
from bus.role import problem_file
from bus.servers.titles import called
from bus.settings import Settings
from bus.text.console import print_line
from services.cli import engine, lab
from services.cli.banner import page_url
from services.cli.healthz import healthz
from services.supervise.listeners import is_listener
from services.supervise.memory import memory_bytes
from services.supervise.procfile import LAB
from services.supervise.running import is_outdated, load_running
from services.supervise.supervisor import Process, processes

EXIT_NOT_READY = 3
UPDATE = "update   files of Pianola have changed since it was started: `pianola restart` finishes the update"

Heard = dict[str, tuple[str, int]]
"""Of each process, what web has heard last: its state and process id."""

BACKOFF = ("backoff", "fatal", "exited", "stopped", "unknown")
"""supervisord's states of a process that is not running at the moment."""


@dataclass(frozen=True, slots=True)
class Line:
    """One process. `state`: ready, starting, stopping, backoff (it ended, and is restarted after a pause) or failed.

    `failed`: it runs, but does nothing until a person has acted.
    """

    process: str
    state: str
    pid: int
    memory_bytes: int
    restarts: int
    problem: str


def run(arguments: argparse.Namespace) -> int:
    """Print the status; return 0 if all are ready."""
    settings = load_running()
    every = processes(settings)
    health = healthz(settings)
    lines = lines_of(settings, every, health)
    outdated = is_outdated(settings)
    lab_found = lab.report(settings, every)
    model, bus, apps = health.get("model"), health.get("bus"), health.get("apps", [])
    if arguments.json:
        report = {
            "processes": [asdict(line) for line in lines],
            "model": model,
            "bus": bus,
            "apps": apps,
            "engine": engine.report(settings),
            "lab": lab_found,
            "url": page_url(settings),
            "home": str(settings.home),
            "outdated": outdated,
        }
        print_line(json.dumps(report, indent=2))
    else:
        beside = filter(None, (engine.line(settings), lab.line(settings, lab_found), UPDATE if outdated else ""))
        print_line("\n".join([*_table(lines), "", *_rest(settings, model, bus), *beside, *_apps(apps)]))
    return 0 if all(line.state == "ready" for line in lines) else EXIT_NOT_READY


def lines_now(settings: Settings) -> list[Line]:
    """Ask for all processes of the bus, or raise `NoSupervisor`. `settings`: with the port that is really used."""
    return lines_of(settings, processes(settings), healthz(settings))


def lines_of(settings: Settings, every: list[Process], health: dict[str, Any]) -> list[Line]:
    """Return the lines of the processes of the bus. `health`: what `/healthz` answered."""
    heard = {one["process"]: (one.get("state"), one.get("pid", 0)) for one in health.get("processes", ())}
    starts = _starts(settings)
    found = [one for one in every if one.name not in (PROCESS, LAB)]
    return [_line(settings, one, heard, starts.get(one.name, 1)) for one in found]


def _line(settings: Settings, found: Process, heard: Heard, starts: int) -> Line:
    state = _state(found, heard)
    file = problem_file(settings, found.name)
    problem = file.read_text().strip() if state != "ready" and file.exists() else ""
    return Line(found.name, state, found.pid, memory_bytes(found.pid), max(0, starts - 1), problem)


def _state(found: Process, heard: Heard) -> str:
    if found.state in BACKOFF:
        return "backoff"
    if found.state == "stopping":
        return "stopping"
    if is_listener(found.name) or found.name == MCP:  # web does not wait to hear of it
        return "ready" if found.state == "running" else "starting"
    state, pid = heard.get(found.name, ("", 0))
    # The pids are compared, because web may have heard `ready` from an earlier run that died meanwhile.
    return state if state in ("ready", "failed") and pid in (found.pid, 0) else "starting"


def _starts(settings: Settings) -> dict[str, int]:
    try:
        starts: dict[str, int] = json.loads((settings.run / "starts.json").read_text())
    except (OSError, ValueError):
        return {}
    return starts


def _table(lines: list[Line]) -> list[str]:
    width = max(12, *(len(line.process) + 2 for line in lines))
    table = [f"{'process':<{width}}{'state':<10}{'pid':>8}{'MiB':>8}{'restarts':>10}"]
    for line in lines:
        mebibytes = line.memory_bytes / 2**20
        row = f"{line.process:<{width}}{line.state:<10}{line.pid or '-':>8}{mebibytes:>8.1f}{line.restarts:>10}"
        table += [row, f"            {line.problem}"] if line.problem else [row]
    total = sum(line.memory_bytes for line in lines) / 2**20
    return [*table, f"{'together':<30}{total:>8.1f}"]


def _rest(settings: Settings, model: Any, bus: Any) -> list[str]:
    lines = [f"page     {page_url(settings)}", f"data     {settings.home}"]
    if model is None and bus is None:
        return [*lines, "model    not known: the web process does not answer", "bus      not known"]
    return [
        *lines,
        f"model    {_fields(called(model) if isinstance(model, str) else model)}",
        f"bus      {_fields(bus)}",
    ]


def _apps(failures: list[dict[str, str]]) -> list[str]:
    """Return a line for each app that fails, with the processes that reported it."""
    processes: dict[tuple[str, str], list[str]] = {}
    for one in failures:
        processes.setdefault((one["app"], one["problem"]), []).append(one["process"])
    return [
        f"app      {safe(app)} is broken (says {', '.join(sorted(who))}): {safe(problem)}"
        for (app, problem), who in processes.items()
    ]


def _fields(values: Any) -> str:
    if not isinstance(values, dict):
        return safe(str(values))
    return ", ".join(f"{name} {safe(str(value))}" for name, value in values.items() if value not in ("", None, []))
