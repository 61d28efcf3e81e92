"""How a line of the log looks: as text for people, or as JSON for tools. Both say the same, and shorten texts alike."""

import json
import time
from dataclasses import dataclass
from typing import Any, Protocol

from bus.message_line import RawMessage, clock, format_line, format_value, safe
from bus.messages import LlmToken


@dataclass(slots=True)
class Folded:
    """The tokens of one generation so far."""

    conversation: str
    tokens: int = 0
    characters: int = 0
    text: str = ""
    """Its first characters."""
    sent: Any = None
    """When the last one was sent."""


class Format(Protocol):
    """Makes the lines."""

    def message(self, heard: RawMessage) -> str:
        """Return the line of a message."""

    def generation(self, generation: str, folded: Folded) -> str:
        """Return the line of all tokens of a generation."""

    def missed(self, sent: Any, count: int, sender: str) -> str:
        """Return the line that says that messages were missed before one that was `sent` then."""

    def bad(self, topic: str, problem: str) -> str:
        """Return the line of a message that cannot be read."""

    def lost(self, count: int) -> str:
        """Return the line that says that lines could not be written."""


class TextFormat:
    """A line for people."""

    def message(self, heard: RawMessage) -> str:
        """Time, topic, sender, fields."""
        return format_line(heard)

    def generation(self, generation: str, folded: Folded) -> str:
        """As for a message."""
        topic = f"{clock(folded.sent)} {safe(f'{LlmToken.kind}/{folded.conversation}'):<28}"
        counts = f"tokens={folded.tokens} characters={folded.characters}"
        return f'{topic} generation="{safe(generation)}" {counts} text="{safe(folded.text)}"'

    def missed(self, sent: Any, count: int, sender: str) -> str:
        """Time and a sentence."""
        return f"{clock(sent)} {count:,} messages missed from {safe(sender)}"

    def bad(self, topic: str, problem: str) -> str:
        """A sentence without a time: it cannot be read, either."""
        return f"--:--:--.--- bad message {safe(topic)}: {safe(problem, 200)}"

    def lost(self, count: int) -> str:
        """Time and a sentence."""
        return f"{clock(time.time())} {count:,} lines lost: they could not be written"


class JsonFormat:
    """A JSON object. `at`: Unix seconds. Its first four fields hold no words of the user: `store/file/leftovers.py`."""

    def message(self, heard: RawMessage) -> str:
        """`fields`: those that are not empty; numbers and truths as they are, all else as text, shortened."""
        fields = {safe(name): _plain(value) for name, value in heard.body.items() if value not in ("", None)}
        ids = {name: safe(str(heard.header.get(name, ""))) for name in ("id", "cause")}
        return _line(heard.header.get("sent"), heard.kind, heard.key, heard.sender, **ids, fields=fields)

    def generation(self, generation: str, folded: Folded) -> str:
        """As for a message."""
        counts = {"tokens": folded.tokens, "characters": folded.characters}
        fields = {"generation": safe(generation), **counts, "text": safe(folded.text)}
        return _line(folded.sent, LlmToken.kind, folded.conversation, "", fields=fields)

    def missed(self, sent: Any, count: int, sender: str) -> str:
        """`missed`: how many."""
        return _line(sent, "", "", sender, missed=count)

    def bad(self, topic: str, problem: str) -> str:
        """`bad`: what is wrong."""
        return _line(None, "", "", "", topic=safe(topic), bad=safe(problem, 200))

    def lost(self, count: int) -> str:
        """`lost`: how many."""
        return _line(time.time(), "", "", "", lost=count)


FORMATS: dict[str, type[TextFormat] | type[JsonFormat]] = {"text": TextFormat, "json": JsonFormat}
"""By the setting `log_format`."""


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int):
        return value
    return safe(value) if isinstance(value, str) else format_value(value)


def _line(sent: Any, kind: str, key: str, sender: str, **more: Any) -> str:
    at = sent if isinstance(sent, int | float) and abs(sent) < float("inf") else None
    head = {"at": at, "kind": safe(kind), "key": safe(key), "sender": safe(sender)}
    return json.dumps(head | more, ensure_ascii=False)
