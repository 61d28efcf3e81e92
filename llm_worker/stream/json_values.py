"""JSON from a server, checked: a value of an unexpected type never gets further than this file."""

import json
import re
from typing import Any

import msgpack

from bus.errors import BadMessage
from bus.wire import unpack

SURROGATE = re.compile(rb"\\u[dD]")


def decoded(text: bytes) -> dict[str, Any] | None:
    """Return the JSON object in these bytes, None when they are none."""
    try:
        value = json.loads(text.decode())  # decode as UTF-8 first: `json.loads` would take NUL bytes for UTF-16
        if SURROGATE.search(text):
            value = without_surrogates(value)
    except (ValueError, RecursionError):
        return None
    return value if type(value) is dict else None


def without_surrogates(value: Any) -> Any:
    """Return a decoded value in which the lone surrogates of all texts are replaced."""
    if type(value) is dict:
        return {replace_surrogates(name): without_surrogates(item) for name, item in value.items()}
    if type(value) is list:
        return [without_surrogates(item) for item in value]
    return replace_surrogates(value) if type(value) is str else value


def replace_surrogates(text: str) -> str:
    """Return the text with lone surrogates replaced by U+FFFD: JSON can hold them, UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def fits_the_bus(calls: list[dict[str, Any]]) -> bool:
    """Return whether the bus can carry these calls of tools (depth, numbers, characters)."""
    try:
        unpack(msgpack.packb({"tool_calls": calls}), "tool_calls")
    except (ValueError, OverflowError, BadMessage):
        return False
    return True


def count(value: Any) -> int:
    """Return the value if it is an integer of 0 or more that the bus can carry, else 0."""
    return value if type(value) is int and 0 <= value < 2**53 else 0


def seconds(value: Any, per_second: float) -> float:
    """Return a duration in seconds, given how many of its unit make one second; 0 for what is no duration."""
    return round(value / per_second, 3) if type(value) in (int, float) and 0 <= value < 2**63 else 0.0


def member(value: Any, name: str) -> dict[str, Any]:
    """Return the object under a name in an object, {} when there is none."""
    found = value.get(name) if type(value) is dict else None
    return found if type(found) is dict else {}


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts in a list, without other values."""
    return tuple(item for item in value if type(item) is str) if type(value) is list else ()
