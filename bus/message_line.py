"""Format a message as one line for people. The line is safe to print, whatever bytes the message held."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bus.errors import BadMessage
from bus.wire import Frames, split_topic, unpack

LONGEST_TEXT = 80
"""Characters of a text that are shown."""
MOST_ITEMS = 6
"""Items of a list or map that are shown."""
MOST_DEPTH = 3
"""Levels of nesting that are shown."""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A message decoded without the catalogue, so that unknown kinds can be shown too."""

    kind: str
    key: str
    header: dict[str, Any]
    body: dict[str, Any]

    @property
    def sender(self) -> str:
        """The sender, "" when the header has none."""
        sender = self.header.get("sender")
        return sender if type(sender) is str else ""

    @property
    def seq(self) -> int:
        """The sender's number of this message, 0 when the header has none."""
        return self.integer(self.header.get("seq"))

    @staticmethod
    def integer(value: Any) -> int:
        """Return the value if it is an integer, else 0."""
        return value if type(value) is int else 0

    def text(self, name: str) -> str:
        """Return a field of the body if it is a text, else ""."""
        value = self.body.get(name)
        return value if type(value) is str else ""


def parse_frames(frames: Frames) -> RawMessage:
    """Return the message in the frames, or raise `BadMessage`."""
    if len(frames) != 3:
        raise BadMessage("wrong frames", f"{len(frames)} frames instead of topic, header, body")
    kind, key = split_topic(frames[0])
    return RawMessage(kind, key, unpack(frames[1], "header"), unpack(frames[2], "body"))


def format_line(message: RawMessage) -> str:
    """Return the line of a message: time, kind/key, sender, and the fields that are not empty."""
    fields = " ".join(
        f"{safe(name)}={format_value(value)}" for name, value in message.body.items() if value not in ("", None)
    )
    topic = f"{message.kind}/{message.key}"
    return f"{clock(message.header.get('sent'))} {safe(topic):<28} {safe(message.sender):<20} {fields}".rstrip()


def clock(sent: Any) -> str:
    """Return Unix seconds as the local time of day with milliseconds; dashes for any other value."""
    try:
        moment = time.strftime("%H:%M:%S", time.localtime(sent))
        return f"{moment}.{int(sent % 1 * 1000):03d}"
    except (TypeError, ValueError, OverflowError, OSError):
        return "--:--:--.---"


def safe(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text on one line, shortened, with control characters escaped so that a terminal does not obey them."""
    cut = text[:longest]
    made = "".join(one if one.isprintable() else _escaped(one) for one in cut)
    return made if len(text) <= longest else f"{made}… ({len(text):,} characters)"


def plain(text: str) -> str:
    """Return a text with line breaks and tabs kept, and all other control characters escaped."""
    return "".join(one if one.isprintable() or one in "\n\t" else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def format_value(value: Any, depth: int = 0) -> str:
    """Return any value that msgpack can hold, shortened, on one line."""
    if isinstance(value, str):
        return f'"{safe(value)}"'
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    if isinstance(value, Mapping | Sequence):
        return _container(value, depth)
    return safe(str(value))


def _container(value: Mapping[Any, Any] | Sequence[Any], depth: int) -> str:
    is_map = isinstance(value, Mapping)
    opening, closing = "{}" if is_map else "[]"
    if depth >= MOST_DEPTH and value:
        return f"{opening}… {len(value):,}{closing}"
    names = list(value)[:MOST_ITEMS]
    items = [format_value(one, depth + 1) for one in names]
    if isinstance(value, Mapping):
        items = [f"{safe(str(name))}: {format_value(value[name], depth + 1)}" for name in names]
    more = [f"… {len(value):,}"] if len(value) > MOST_ITEMS else []
    return opening + ", ".join(items + more) + closing
