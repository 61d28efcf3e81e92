"""Calls of tools, brought into one form before anything is done with them."""

import json
from typing import Any

from llm_worker.stream.json_values import without_surrogates


def parsed(arguments: str) -> dict[str, Any]:
    """Return the arguments in a text of JSON; {} where there are none."""
    try:
        value = without_surrogates(json.loads(arguments))
    except (ValueError, RecursionError):
        return {}
    return value if type(value) is dict else {}


def encoded(arguments: dict[str, Any]) -> str:
    """Return arguments as a text of JSON."""
    return json.dumps(arguments, ensure_ascii=False)
