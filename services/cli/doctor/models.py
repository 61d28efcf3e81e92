"""Checks of the servers of models, and of what faces outside of this machine."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bus.errors import BadSetting
from bus.message_line import safe
from bus.servers.tables import RECOMMENDED_MODEL, ServerTable, is_loopback, merged, servers_in
from bus.settings import Settings
from services.cli.doctor.finding import Finding, Patient
from services.supervise.ports import open_addresses

ANSWER_SECONDS = 2.0
LARGEST_ANSWER = 4_000_000
MOST_NAMED = 5


def model_servers(patient: Patient) -> Finding:
    """Ask Ollama which models it has; say which other servers are known."""
    host = patient.settings.ollama_host
    others = [f"{one.name} at {one.address}" for one in servers(patient.settings)]
    more = f" Also known: {', '.join(others)}." if others else ""
    names = ollama_models(host)
    if names is None:
        text = f"Ollama does not answer at {host}."
        remedy = f"Start Ollama, then `ollama pull {RECOMMENDED_MODEL}`; until then the built-in player plays."
        return Finding("models", True, f"{text}{more}", "" if others else remedy)
    if not names:
        return Finding("models", True, f"Ollama at {host} has no model.{more}", f"`ollama pull {RECOMMENDED_MODEL}`")
    listed = ", ".join(safe(name) for name in names[:MOST_NAMED])
    rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return _chosen(patient, names, f"Ollama at {host} has {listed}{rest}.{more}")


def _chosen(patient: Patient, names: list[str], text: str) -> Finding:
    """Return the finding about the model of the settings, which must be among those that are there."""
    wanted = patient.settings.model
    if wanted and "/" not in wanted and not {wanted, f"{wanted}:latest"} & set(names):
        remedy = f"`ollama pull {wanted}`, or choose another one."
        return Finding("models", False, f"PIANOLA_MODEL={wanted} is not installed. {text}", remedy)
    return Finding("models", True, text)


def ollama_models(host: str) -> list[str] | None:
    """Return the names of the models at an address, None if no Ollama answers there in time."""
    url = urlsplit(host)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "127.0.0.1", url.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", f"{url.path}/api/tags")
        answer: Any = json.loads(connection.getresponse().read(LARGEST_ANSWER))
        return [str(one["name"]) for one in answer["models"]]
    except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError):
        return None
    finally:
        connection.close()


def servers(settings: Settings) -> tuple[ServerTable, ...]:
    """Return the other servers of models, those of the page included; without those if their file cannot be read."""
    try:
        return merged(settings.servers, servers_in(settings.servers_file))
    except BadSetting:
        return settings.servers


def outside(patient: Patient) -> Finding:
    """Check that nothing of ours can be reached from other machines; say which addresses elsewhere are known."""
    reached = open_addresses(patient.settings.port) if patient.pid else []
    if reached:
        text = f"Other machines can reach port {patient.settings.port} at {', '.join(reached)}."
        return Finding("outside", False, text, "Stop the program that forwards it: the page is for this machine alone.")
    elsewhere = list(_elsewhere(patient.settings))
    if elsewhere:
        text = f"The page is for this machine alone. Elsewhere: {', '.join(elsewhere)}."
        return Finding("outside", True, text, "What is said to a model there leaves this machine: docs/servers.md.")
    return Finding("outside", True, "The page is for this machine alone, and so are all servers of models.")


def _elsewhere(settings: Settings) -> Iterator[str]:
    if not is_loopback(settings.ollama_host):
        yield f"Ollama at {settings.ollama_host}"
    yield from (f"{one.name} at {one.address}" for one in servers(settings) if not one.local)
