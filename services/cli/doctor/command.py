"""`pianola doctor`: run all checks, and print a line for each."""

import argparse
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bus.errors import BadSetting, PianolaError
from bus.role import holder_of
from bus.settings import Settings, home_of, read
from bus.text.console import print_line
from services.cli.doctor import data, folder, machine, models, processes
from services.cli.doctor.finding import Finding, Patient
from services.cli.healthz import healthz
from services.supervise.running import ROLE, as_running

Check = Callable[[Patient], Finding]

CHECKS: tuple[Check, ...] = (
    machine.python,
    machine.versions,
    machine.page_files,
    machine.command,
    machine.open_files,
    machine.reminders,
    folder.home,
    folder.modes,
    folder.settings_file,
    folder.disk,
    processes.processes,
    processes.sockets,
    processes.port,
    processes.leftovers,
    data.database,
    data.backups,
    models.model_servers,
    models.outside,
)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; return 0 if all is well, else 1."""
    found = examine(patient_of(os.environ))
    if arguments.json:
        print_line(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
    else:
        print_line("\n".join(map(line, found)))
    return 0 if all(one.ok for one in found) else 1


def patient_of(environment: Mapping[str, str]) -> Patient:
    """Return what the checks look at. Nothing is created, not even the data folder."""
    home = home_of(environment)
    try:
        settings, problem = as_running(read(home, environment)), ""
    except BadSetting as error:
        settings, problem = as_running(Settings(home)), str(error)
    pid = holder_of(ROLE, settings.run)
    files = data.look(settings) if settings.database.exists() else {}
    return Patient(settings, problem, environment, pid, _health(settings) if pid else {}, files)


def _health(settings: Settings) -> dict[str, Any]:
    """Return what `/healthz` answers. Without a token we do not ask: asking would make one."""
    try:
        return healthz(settings) if settings.token_file.exists() else {}
    except PianolaError:  # the token cannot be used
        return {}


def examine(patient: Patient) -> list[Finding]:
    """Run all checks. One that fails says so in its place."""
    return [_outcome(check, patient) for check in CHECKS]


def _outcome(check: Check, patient: Patient) -> Finding:
    try:
        return check(patient)
    except (OSError, PianolaError) as error:
        return Finding(check.__name__.replace("_", " "), False, f"This could not be looked at: {error}")


def line(found: Finding) -> str:
    """Return the line for people, and a second one when there is something to do."""
    mark = "ok" if found.ok else "BAD"
    remedy = f"\n{'':<18}{found.remedy}" if found.remedy else ""
    return f"{mark:<5}{found.name:<13}{found.text}{remedy}"
