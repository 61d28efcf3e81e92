"""Calls of tools, brought into Ollama's form before anything is done with them, and before they are sent again.

    {"id": "call_1", "function": {"name": "insert", "arguments": {"title": "milk"}}}

Models and servers write arguments also as a text of JSON, as "" or null, or leave them out; and names with what belongs
to their template (`functions.insert`, `insert<|channel|>commentary`).
"""

import json
import re
from typing import Any

from llm_worker.stream.json_values import without_surrogates

PREFIX = re.compile(r"^(?:to=)?functions?\.")
SUFFIX = re.compile(r"(?:<\||:\d+$).*", re.DOTALL)


def call(name: str, arguments: Any, id_: str = "") -> dict[str, Any]:
    """Return a call in Ollama's form. `id_`: as the server gave it, "" for none."""
    made: dict[str, Any] = {"function": {"name": cleaned(name), "arguments": as_object(arguments)}}
    return made | ({"id": id_} if id_ else {})


def normalised(found: dict[str, Any]) -> dict[str, Any]:
    """Return a call as a server gave it in Ollama's form. A missing part counts as empty."""
    inner = found.get("function")
    function = inner if type(inner) is dict else found
    name, id_ = function.get("name"), found.get("id")
    made = call(name if type(name) is str else "", function.get("arguments"), id_ if type(id_) is str else "")
    if type(function.get("index")) is int:
        made["function"]["index"] = function["index"]
    return made


def cleaned(name: str) -> str:
    """Return the name of a function without what belongs to a template."""
    return SUFFIX.sub("", PREFIX.sub("", name.strip())).strip()


def as_object(arguments: Any) -> Any:
    """Return arguments as an object; a text that cannot be read stays as it is, so that the model can be told."""
    if type(arguments) is str and arguments.strip():
        value = read(arguments)
        value = read(value) if type(value) is str else value  # JSON in JSON
        return value if type(value) is dict else arguments
    return arguments if type(arguments) is dict else {}


def sendable(found: Any) -> dict[str, Any]:
    """Return a call of the conversation in a form that no server refuses: its arguments are an object."""
    made = normalised(found if type(found) is dict else {})
    if type(made["function"]["arguments"]) is not dict:
        made["function"]["arguments"] = {}
    return made


def read(text: str) -> Any:
    """Return the value in a text of JSON, None when it is none."""
    try:
        return without_surrogates(json.loads(text))
    except (ValueError, RecursionError):
        return None


def encoded(arguments: dict[str, Any]) -> str:
    """Return arguments as a text of JSON."""
    return json.dumps(arguments, ensure_ascii=False)
