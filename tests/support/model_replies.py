"""What a model replies when it acts: instructions in its text, or calls of tools."""

import json
import threading
from collections.abc import Iterable
from typing import Any

from tests.support.ollama_double import Call, Done, Say, Step, Wait


def instruction(**fields: Any) -> str:
    """Return an instruction as models write it in their text."""
    return f"```json\n{json.dumps(fields)}\n```\n"


def adding(*titles: str) -> str:
    """Return the instructions that add todos."""
    return "".join(instruction(operation="insert", table="todo", values={"title": title}) for title in titles)


def called(*instructions: dict[str, Any]) -> list[Step]:
    """Return a reply that calls tools."""
    return [*(Call(one.pop("operation"), one) for one in instructions), Done()]


def unfinished(words: Iterable[str], rate: float) -> list[Step]:
    """Return a reply whose end never comes: whatever happens to it happens in mid-stream. `rate`: words a second."""
    return [*(Say(word, rate) for word in words), Wait(threading.Event())]
