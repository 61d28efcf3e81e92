"""Checks of what runs: the processes, their sockets, the port of the page, and what an earlier run left."""

import socket
from pathlib import Path

from bus.role import holder_of, problem_file
from services.cli.doctor.finding import Finding, Patient
from services.supervise import ports, procfile
from services.supervise.supervisor import NoSupervisor
from services.supervise.supervisor import processes as supervised

CONNECT_SECONDS = 1.0


def processes(patient: Patient) -> Finding:
    """Check that all processes are ready, and say why one is not."""
    settings = patient.settings
    if not patient.pid:
        return Finding("processes", True, f"Pianola is not running in {settings.home}.", "`pianola up` starts it.")
    ready = {one["process"] for one in patient.health.get("processes", ()) if one["state"] == "ready"}
    if patient.health.get("status") == "ok":  # the broker is ready then, even if its first beat is still to come
        return Finding("processes", True, f"All {len(procfile.read())} are ready (started by process {patient.pid}).")
    absent = [name for name in procfile.read() if name not in ready]
    if not patient.health:
        why = _reason(patient, "web") or f"{settings.logs}/web.log may say why"
        return Finding("processes", False, f"The web process does not answer: {why}", "`pianola status` shows more.")
    whys = [f"{name} ({_reason(patient, name) or f'{settings.logs}/{name}.log may say why'})" for name in absent]
    return Finding("processes", False, f"Not ready: {', '.join(whys)}.", "If that does not pass: `pianola restart`.")


def _reason(patient: Patient, name: str) -> str:
    try:
        return problem_file(patient.settings, name).read_text().strip()
    except OSError:
        return ""


def sockets(patient: Patient) -> Finding:
    """Check that the sockets of the bus and of supervisord are there, and that somebody listens."""
    run = patient.settings.run
    if not patient.pid:
        return Finding("sockets", True, "None are needed, since nothing runs.")
    dead = [name for name in ("publish", "subscribe", "supervisor.sock") if not _listens(run / name)]
    if dead:
        remedy = "Wait a few seconds; if that does not help, `pianola restart`."
        return Finding("sockets", False, f"Nobody listens at {', '.join(dead)} in {run}.", remedy)
    return Finding("sockets", True, f"The bus listens in {run}.")


def _listens(file: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(CONNECT_SECONDS)
        try:
            probe.connect(str(file))
        except OSError:
            return False
    return True


def port(patient: Patient) -> Finding:
    """Check that the page has its port, or that the port is free."""
    number = patient.settings.port
    if patient.pid and patient.health:
        return Finding("port", True, f"The page is at http://{ports.HOST}:{number}/.")
    if patient.pid:
        return Finding("port", False, f"The page does not answer at port {number}.", "`pianola status` may say why.")
    try:
        ports.check(patient.settings)
    except ports.PortTaken as problem:
        return Finding("port", False, str(problem))
    return Finding("port", True, f"Port {number} is free.")


def leftovers(patient: Patient) -> Finding:
    """Look for processes of a run that has ended: each still holds the lock of its role."""
    known = _supervised(patient)
    names = [*procfile.read(), *([] if patient.pid else ["supervisord"])]
    holders = {name: pid for name in names if (pid := holder_of(name, patient.settings.run)) and pid not in known}
    if not holders:
        return Finding("leftovers", True, "No process of an earlier run is left.")
    listed = ", ".join(f"{name} (process {pid})" for name, pid in holders.items())
    remedy = f"They end by themselves within seconds. If not: kill {' '.join(map(str, holders.values()))}"
    return Finding("leftovers", False, f"Left of an earlier run, and not supervised: {listed}.", remedy)


def _supervised(patient: Patient) -> set[int]:
    try:
        return {one.pid for one in supervised(patient.settings) if one.pid}
    except NoSupervisor:
        return set()
