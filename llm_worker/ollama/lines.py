"""The lines of Ollama's stream: one JSON object each, as /api/chat sends them."""

from collections.abc import Iterator
from typing import Any

from llm_worker.contract import About
from llm_worker.problems import ServerFailed, WrongProtocol
from llm_worker.stream.calls import normalised
from llm_worker.stream.json_values import count, decoded, fits_the_bus, seconds
from llm_worker.stream.pieces import Counts, Piece, Reason

EXPECTED = "a line of JSON with `message` and `done`"
NANOSECONDS = 1e9


class LineReader:
    """Reads the lines of one answer."""

    def __init__(self, about: About, model: str) -> None:
        """`about`, `model`: for the sentences of errors."""
        self._about = about
        self._model = model

    def read(self, line: bytes) -> Iterator[Piece]:
        """Yield the piece in a line. A missing or null field counts as empty, because Ollama leaves out empty fields.

        Raises `WrongProtocol` for any other line, `ServerFailed` for an error in it.
        """
        value = decoded(line)
        if value is None:
            raise self._wrong(line)
        if "error" in value:
            raise ServerFailed(self._about, self._model, str(value["error"]))
        message = value.get("message") or {}
        if type(message) is not dict:
            raise self._wrong(line)
        text, thinking = message.get("content") or "", message.get("thinking") or ""
        calls = message.get("tool_calls") or []
        proper = type(text) is str and type(thinking) is str and type(calls) is list
        if not proper or not all(type(call) is dict for call in calls):
            raise self._wrong(line)
        calls = [normalised(call) for call in calls]
        if calls and not fits_the_bus(calls):
            raise self._wrong(line)
        if value.get("done") is True:
            yield Piece(text, thinking, calls, end=ended(value), counts=counts(value))
        else:
            yield Piece(text, thinking, calls)

    def finish(self) -> Iterator[Piece]:
        """Yield nothing: each line was complete in itself."""
        yield from ()

    def _wrong(self, line: bytes) -> WrongProtocol:
        return WrongProtocol(self._about, line[:2000].decode(errors="replace"), EXPECTED)


def ended(value: dict[str, Any]) -> Reason:
    """Return the reason in the last line."""
    return "length" if value.get("done_reason") == "length" else "stop"


def counts(value: dict[str, Any]) -> Counts:
    """Return the counts in the last line. `prompt_eval_count` counts the whole prompt, also what was in the cache."""
    return Counts(
        tokens=count(value.get("eval_count")),
        prompt_tokens=count(value.get("prompt_eval_count")),
        load_seconds=seconds(value.get("load_duration"), NANOSECONDS),
        read_seconds=seconds(value.get("prompt_eval_duration"), NANOSECONDS),
        write_seconds=seconds(value.get("eval_duration"), NANOSECONDS),
    )
