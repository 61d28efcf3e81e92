"""Ollama's lists of models, read into `Model`. A value of an unexpected type counts as missing."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bus.messages import Values
from llm_worker.contract import LONG_AGO, Model
from llm_worker.stream.json_values import count, member, texts

NUM_CTX = re.compile(r"^\s*num_ctx\s+(\d{1,9})\b", re.MULTILINE | re.ASCII)
"""The window in the parameters of a model, as `ollama show --parameters` prints them."""
ONLY_EMBEDS = re.compile(r"\bbert|[-_]bert|t5encoder", re.IGNORECASE)
"""Architectures of models that do not chat."""


def full_name(name: str) -> str:
    """Return a name in lower case and with a tag. (A colon before the last slash belongs to a port.)"""
    name = name.strip().lower()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def name_of(tag: Any) -> str:
    """Return the name in an element of a list, "" if it has none."""
    name = (tag.get("model") or tag.get("name")) if type(tag) is dict else ""
    return name if type(name) is str else ""


def read_loaded(processes: list[Any]) -> dict[str, float]:
    """Return the models in the list of /api/ps: name to the time until which each is kept (Unix seconds; 0: unknown).

    A model that is kept for ever has a time centuries from now.
    """
    return {
        name: max(0.0, moment(process.get("expires_at")).timestamp())
        for process in processes
        if (name := name_of(process))
    }


def read_model(tag: Any, loaded: Mapping[str, float], *, on_this_machine: bool) -> Model | None:
    """Return the model in an element of /api/tags; None when it has no name. `on_this_machine`: Ollama itself is."""
    name = name_of(tag)
    if not name:
        return None
    details = tag.get("details")
    cloud = bool(tag.get("remote_host") or tag.get("remote_model")) or is_cloud(name)
    return Model(
        name=name,
        local=on_this_machine and not cloud,
        size=count(tag.get("size")),
        digest=str(tag.get("digest") or name),
        modified=moment(tag.get("modified_at")),
        cloud=cloud,
        loaded=name in loaded,
        loaded_until=loaded.get(name, 0.0),
        capabilities=texts(tag.get("capabilities")),
        context=count(details.get("context_length")) if type(details) is dict else 0,
    )


def read_show(values: Values) -> Model:
    """Return a model with the capabilities, the context and the window in an answer of /api/show.

    Servers before 0.6.4 tell no capabilities; there the architecture says which models only embed.
    """
    information = member(values, "model_info")
    context = next((count(value) for name, value in information.items() if str(name).endswith(".context_length")), 0)
    own = NUM_CTX.search(str(values.get("parameters") or ""))
    family = f"{information.get('general.architecture')} {member(values, 'details').get('family')}"
    usual = ("embedding",) if ONLY_EMBEDS.search(family) else ()
    return Model(
        "",
        capabilities=texts(values.get("capabilities")) or usual,
        context=context,
        window=int(own[1]) if own else 0,
    )


def is_cloud(name: str) -> bool:
    """Return whether the name says that the model runs in the cloud: its tag is `cloud` or ends in `-cloud`."""
    tag = full_name(name).rpartition(":")[2]
    return tag == "cloud" or tag.endswith("-cloud")


def moment(value: Any) -> datetime:
    """Return the time in a text as Ollama writes it (RFC 3339, any zone)."""
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return LONG_AGO
    return read if read.tzinfo else read.replace(tzinfo=UTC)
