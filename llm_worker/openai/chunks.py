"""The answer as servers of this protocol stream it: server-sent events, each with one JSON object.

    data: {"choices": [{"delta": {"content": "Hel"}, "finish_reason": null}]}
    data: [DONE]

An event is one line here: JSON has no raw newlines. Lines of other fields (`event:`, `id:`) and comments (`: …`) say
nothing about the answer. A server that ignores `stream` sends the whole answer as one JSON object; it is read as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llm_worker.contract import About
from llm_worker.http import error_in
from llm_worker.problems import ServerFailed, ServerProblem, WrongProtocol
from llm_worker.stream.calls import call as made_call
from llm_worker.stream.calls import encoded
from llm_worker.stream.json_values import count, decoded, fits_the_bus, member, seconds
from llm_worker.stream.pieces import Counts, Piece, Progress, Reason

EXPECTED = "an event `data: {…}` with `choices`"
DONE = b"[DONE]"
FILTERED = "content_filter"
"""The reason of an end that the model did not want."""
MILLISECONDS = 1e3
SILENT_FIELDS = (b":", b"event:", b"id:", b"retry:")
MOST_CALLS = 256


@dataclass(slots=True)
class Call:
    """A call of a tool, as far as its parts have come."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class ChunkReader:
    """Reads the events of one answer. Calls of tools come in parts, and are given whole, at the end."""

    def __init__(self, about: About, model: str) -> None:
        """`about`, `model`: for the sentences of errors."""
        self._about = about
        self._model = model
        self._calls: dict[Any, Call] = {}
        """By their index in the answer."""
        self._end: Reason | None = None
        self._counts = Counts()

    def read(self, line: bytes) -> Iterator[Piece]:
        """Yield the pieces in a line. Raises `WrongProtocol` for what is no event, `ServerFailed` for an error."""
        line = line.strip()
        if not line or line.startswith(SILENT_FIELDS):
            return
        if line.startswith(b"error:"):  # llama.cpp of 2024
            raise self._failed(line.removeprefix(b"error:"))
        data = line.removeprefix(b"data:").strip()
        if data == DONE:
            yield self._last(self._end or "stop")
            return
        value = decoded(data)
        if value is None:
            raise self._wrong(line)
        if value.get("error"):
            raise self._failed(data)
        yield from self._chunk(value, line)

    def finish(self) -> Iterator[Piece]:
        """Yield the end, if the model had ended: not every server says [DONE]."""
        if self._end:
            yield self._last(self._end)

    # --- one chunk ---

    def _chunk(self, value: dict[str, Any], line: bytes) -> Iterator[Piece]:
        self._note_counts(value)
        if progress := read_progress(value):
            yield Piece(progress=progress)
        choices = value.get("choices")
        if choices is None and ("usage" in value or "timings" in value or progress):
            return
        if type(choices) is not list or not all(type(choice) is dict for choice in choices):
            raise self._wrong(line)
        for choice in choices[:1]:
            yield from self._choice(choice, line)

    def _choice(self, choice: dict[str, Any], line: bytes) -> Iterator[Piece]:
        whole = type(choice.get("message")) is dict
        delta = member(choice, "message" if whole else "delta")
        text, thinking = delta.get("content") or "", delta.get("reasoning_content") or delta.get("reasoning") or ""
        parts = delta.get("tool_calls") or []
        if type(text) is not str or type(thinking) is not str or type(parts) is not list or len(parts) > MOST_CALLS:
            raise self._wrong(line)
        if text or thinking:
            yield Piece(text, thinking)
        for position, part in enumerate(parts):
            self._add_part(part, position, line)
            yield Piece(progress=Progress("writing"))
        if reason := choice.get("finish_reason"):
            if reason == FILTERED:
                raise self._failed(b"its filter of contents ended the answer")
            self._end = "length" if reason == "length" else "stop"
        if whole:
            yield self._last(self._end or "stop")

    # --- calls of tools ---

    def _add_part(self, part: Any, position: int, line: bytes) -> None:
        """Join a part of a call with what came before. Some servers send no index, but then each call whole."""
        if type(part) is not dict:
            raise self._wrong(line)
        function = member(part, "function")
        id_, name, arguments = part.get("id") or "", function.get("name") or "", function.get("arguments") or ""
        if type(arguments) is dict:
            arguments = encoded(arguments)
        if not all(type(one) is str for one in (id_, name, arguments)):
            raise self._wrong(line)
        index = part.get("index")
        call = self._calls.setdefault(index if type(index) is int else id_ or position, Call())
        call.id, call.name = call.id or id_, call.name or name
        call.arguments += arguments
        if len(self._calls) > MOST_CALLS:
            raise self._wrong(line)

    def _last(self, reason: Reason) -> Piece:
        calls = [made_call(call.name, call.arguments, call.id) for call in self._calls.values()]
        if calls and not fits_the_bus(calls):
            raise WrongProtocol(self._about, "calls of tools that are too deep or too large", "calls of tools")
        return Piece(tool_calls=calls, end=reason, counts=self._counts)

    # --- counts, errors ---

    def _note_counts(self, value: dict[str, Any]) -> None:
        usage, timings = member(value, "usage"), member(value, "timings")
        if timings:
            self._counts = timed(timings)
        elif usage and not self._counts.prompt_tokens:
            self._counts = counted(usage)

    def _failed(self, data: bytes) -> ServerProblem:
        return ServerFailed(self._about, self._model, error_in(data.strip().decode(errors="replace")))

    def _wrong(self, line: bytes) -> WrongProtocol:
        return WrongProtocol(self._about, line[:2000].decode(errors="replace"), EXPECTED)


def read_progress(value: dict[str, Any]) -> Progress | None:
    """Return the progress of reading that llama.cpp reports. Its `processed` includes what the cache held."""
    found = member(value, "prompt_progress")
    total, known = count(found.get("total")), count(found.get("cache"))
    read = max(0, count(found.get("processed")) - known)
    return Progress("reading", total, known, read) if total else None


def timed(timings: dict[str, Any]) -> Counts:
    """Return the counts in llama.cpp's `timings`."""
    read, known = count(timings.get("prompt_n")), count(timings.get("cache_n"))
    return Counts(
        tokens=count(timings.get("predicted_n")),
        prompt_tokens=read + known,
        read_tokens=read,
        known_tokens=known,
        read_seconds=seconds(timings.get("prompt_ms"), MILLISECONDS),
        write_seconds=seconds(timings.get("predicted_ms"), MILLISECONDS),
    )


def counted(usage: dict[str, Any]) -> Counts:
    """Return the counts in `usage`. What the cache held is told by some servers only."""
    prompt, details = count(usage.get("prompt_tokens")), usage.get("prompt_tokens_details")
    told = type(details) is dict and type(details.get("cached_tokens")) is int
    known = min(prompt, count(details["cached_tokens"])) if told and type(details) is dict else 0
    return Counts(
        tokens=count(usage.get("completion_tokens")),
        prompt_tokens=prompt,
        known_tokens=known,
        read_tokens=prompt - known if told else 0,
    )
