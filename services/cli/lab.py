"""What `pianola status` and the banner say of JupyterLab, which is no process of the bus."""

import socket
from collections.abc import Iterable
from typing import Any

from bus.settings import Settings
from services.lab.files import address, installed, login_url, token_file
from services.supervise.memory import memory_bytes
from services.supervise.ports import HOST
from services.supervise.procfile import LAB
from services.supervise.supervisor import Process

WAIT_SECONDS = 1.0


def report(settings: Settings, processes: Iterable[Process]) -> dict[str, Any]:
    """Return the state for programs: not installed, not asked for, starting, ready or failed."""
    found = next((one for one in processes if one.name == LAB), None)
    pid = found.pid if found else 0
    state = _state(settings, found)
    where = address(settings) if found else ""
    return {"state": state, "pid": pid, "memory_bytes": memory_bytes(pid), "address": where}


def _state(settings: Settings, found: Process | None) -> str:
    if not found:
        return "not asked for" if installed() else "not installed"
    if not found.pid:
        return "failed"
    return "ready" if _answers(settings.lab_port) else "starting"


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), WAIT_SECONDS).close()
    except OSError:
        return False
    return True


def line(settings: Settings, found: dict[str, Any]) -> str:
    """Return the line of `pianola status`; "" if nobody asked for it. `found`: as `report` returns it."""
    words = {
        "failed": f"ended, and is started again after a pause; {settings.logs}/lab.log may say why",
        "starting": "starts",
        "ready": f"{found['address']}  (the link with its token: `pianola up` printed it)",
    }
    return f"lab      {words[found['state']]}" if found["state"] in words else ""


def what_is_there(settings: Settings) -> str:
    """Return what the banner says; "" without the lab."""
    return login_url(settings) if token_file(settings).exists() else ""
