"""A piece of an answer, read from one line of Ollama's stream."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

import msgpack

from bus.errors import BadMessage
from bus.wire import unpack
from llm_worker.problems import NotOllama, OllamaFailed

Reason = Literal["stop", "length"]
SURROGATE = re.compile(rb"\\u[dD]")
EXPECTED = "a line of JSON with `message` and `done`"


@dataclass(frozen=True, slots=True)
class Piece:
    """The contents of one line: some reasoning, some text of the answer, calls of tools, or the end."""

    text: str = ""
    thinking: str = ""
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    end: Reason | None = None
    tokens: int = 0
    """Tokens of the whole answer, counted by Ollama; only at the end."""
    prompt_tokens: int = 0
    """Tokens of the prompt, counted by Ollama; only at the end."""


def read_piece(line: bytes, host: str, model: str) -> Piece:
    """Return the piece in a line of /api/chat. Raise `NotOllama` for any other line, `OllamaFailed` for an error in it.

    A missing or null field counts as empty, because Ollama leaves out empty fields.
    """
    value = decoded(line, host)
    if "error" in value:
        raise OllamaFailed(model, str(value["error"]))
    message = value.get("message") or {}
    calls = message.get("tool_calls") or [] if isinstance(message, dict) else None
    texts = (message.get("content") or "", message.get("thinking") or "") if isinstance(message, dict) else (None, None)
    if not all(type(text) is str for text in texts) or not _valid_calls(calls):
        raise NotOllama(host, line.decode(errors="replace"), EXPECTED)
    ended = value.get("done") is True
    return Piece(
        text=str(texts[0]),
        thinking=str(texts[1]),
        tool_calls=list(calls or []),
        end=_reason(value) if ended else None,
        tokens=_count(value.get("eval_count")) if ended else 0,
        prompt_tokens=_count(value.get("prompt_eval_count")) if ended else 0,
    )


def decoded(line: bytes, host: str) -> dict[str, Any]:
    """Return the JSON object in a line, or raise `NotOllama`."""
    try:
        value = json.loads(line.decode())  # decode as UTF-8 first: `json.loads` would take NUL bytes for UTF-16
        if SURROGATE.search(line):
            value = without_surrogates(value)
    except (ValueError, RecursionError):
        raise NotOllama(host, line[:2000].decode(errors="replace"), EXPECTED) from None
    if type(value) is not dict:
        raise NotOllama(host, line[:2000].decode(errors="replace"), EXPECTED)
    return value


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


def _valid_calls(calls: Any) -> bool:
    """Return whether calls of tools are a list of maps that the bus can carry (depth, numbers, characters)."""
    if type(calls) is not list or not all(type(call) is dict for call in calls):
        return False
    if not calls:
        return True
    try:
        unpack(msgpack.packb({"tool_calls": calls}), "tool_calls")
    except (ValueError, OverflowError, BadMessage):
        return False
    return True


def _reason(value: dict[str, Any]) -> Reason:
    return "length" if value.get("done_reason") == "length" else "stop"


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value < 2**53 else 0
