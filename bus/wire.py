"""A message as bytes: three frames, topic, header and body. The public format, version 1 (docs/attach.md)."""

from math import isfinite
from typing import Any, NamedTuple, TypeGuard

import msgpack

from bus.checks.fields import LARGEST
from bus.errors import BadMessage
from bus.messages import CATALOGUE, Message, Values

VERSION = 1
MAX_FRAME_BYTES = 1024 * 1024
MAX_TOPIC_BYTES = 512
MAX_NAME_CHARACTERS = 200
"""Longest `id`, `cause` or `sender` of a header: a `sender` must fit into the topic of an answer."""
MAX_ITEMS = 100_000
"""Longest list or map in a body: a false length must not reserve memory."""
MAX_DEPTH = 32
"""Deepest nesting in a body: deeper values break programs that print them."""

Frames = list[bytes]


class Header(NamedTuple):
    """Who sent the message, when, and why (`cause`). `sent` and `until` are Unix seconds; `until` 0: no deadline."""

    id: str
    cause: str
    sender: str
    seq: int
    sent: float
    until: float = 0.0
    v: int = VERSION


class Envelope(NamedTuple):
    """A received message with its key and header."""

    key: str
    header: Header
    message: Any
    """An instance of one of the classes in the catalogue; each handler annotates which."""


def topic(kind: str, key: str = "") -> bytes:
    """Return the first frame. With an empty key it is the prefix that subscribes to the whole kind: `llm.token/`."""
    return f"{kind}/{key}".encode()


def encode(message: Message, key: str, header: Header) -> Frames:
    """Return the three frames, or raise `BadMessage` when the message would not pass the broker."""
    try:
        body = msgpack.packb(message.body())
    except (TypeError, ValueError, OverflowError) as error:
        raise BadMessage("not encodable", f"{message.kind}/{key}: {error}") from error
    if len(body) > MAX_FRAME_BYTES:
        size = f"{len(body)} bytes, at most {MAX_FRAME_BYTES} pass the broker"
        raise BadMessage("too large", f"{message.kind}/{key} has a body of {size}")
    head = {
        "v": header.v,
        "id": header.id,
        "cause": header.cause,
        "sender": header.sender,
        "seq": header.seq,
        "sent": header.sent,
        "until": header.until,
    }
    return [topic(message.kind, key), msgpack.packb(head), body]


def split_topic(frame: bytes) -> tuple[str, str]:
    """Return the kind and the key in a first frame, or raise `BadMessage`."""
    try:
        kind, slash, key = frame.decode().partition("/")
    except UnicodeDecodeError as error:
        raise BadMessage("bad topic", "not UTF-8") from error
    if not slash or len(frame) > MAX_TOPIC_BYTES:
        raise BadMessage("bad topic", f"{kind!r:.80} is not `kind/key` of at most {MAX_TOPIC_BYTES} bytes")
    return kind, key


def check_count(frames: Frames) -> None:
    """Raise `BadMessage` unless there are three frames."""
    if len(frames) != 3:
        raise BadMessage("wrong frames", f"{len(frames)} frames instead of topic, header, body")


def decode(frames: Frames) -> Envelope:
    """Return the message in three frames, or raise `BadMessage`."""
    check_count(frames)
    return decode_as(*split_topic(frames[0]), frames)


def decode_as(kind: str, key: str, frames: Frames) -> Envelope:
    """Return the message in three frames whose topic was split already, or raise `BadMessage`."""
    check_count(frames)
    message = CATALOGUE.get(kind)
    if message is None:
        raise BadMessage("unknown kind", f"{kind!r:.80}")
    header = _header(unpack(frames[1], "header"))
    return Envelope(key, header, message.from_body(unpack(frames[2], "body")))


def unpack(frame: bytes, name: str) -> Values:
    """Return the map in a frame. For any bytes the only error is `BadMessage`."""
    try:
        value = msgpack.unpackb(frame, max_array_len=MAX_ITEMS, max_map_len=MAX_ITEMS)
    except (ValueError, OverflowError, RecursionError, msgpack.UnpackException) as error:
        raise BadMessage("not msgpack", f"{name}: {type(error).__name__}") from error
    if type(value) is not dict:
        raise BadMessage("not a map", f"{name} is {type(value).__name__}")
    if _too_deep(value):
        raise BadMessage("too deep", f"{name} is nested deeper than {MAX_DEPTH}")
    return value


def _too_deep(value: Values) -> bool:
    level: list[Any] = [item for item in value.values() if type(item) in (dict, list)]
    for _ in range(MAX_DEPTH - 1):
        if not level:
            return False
        level = [
            item
            for container in level
            for item in (container.values() if type(container) is dict else container)
            if type(item) in (dict, list)
        ]
    return bool(level)


def _header(values: Values) -> Header:
    try:
        header = Header(
            values["id"],
            values["cause"],
            values["sender"],
            values["seq"],
            float(values["sent"]),
            float(values["until"]),
            values["v"],
        )
    except KeyError as error:
        raise BadMessage("bad header", f"it needs {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise BadMessage("bad header", f"{type(error).__name__}: {error}") from error
    if problem := _header_problem(header):
        raise BadMessage("bad header", problem)
    return header


def _header_problem(header: Header) -> str:
    """Return what is wrong with a header that has all fields, "" if nothing is."""
    if type(header.v) is not int or header.v != VERSION:
        return f"`v` is {header.v!r:.20}, expected {VERSION}"
    if not is_name(header.id) or not is_name(header.sender) or not (header.cause == "" or is_name(header.cause)):
        return f"`id`, `sender` or `cause` is no text of at most {MAX_NAME_CHARACTERS} characters"
    if type(header.seq) is not int or not 0 <= header.seq <= LARGEST:
        return f"`seq` is {header.seq!r:.20}, expected 1, 2, 3 …"
    if not isfinite(header.sent) or not isfinite(header.until):
        return "`sent` or `until` is no finite number"
    return ""


def is_name(value: Any) -> TypeGuard[str]:
    """Return whether a value can be an `id`, `cause` or `sender`: a text that is not empty and not too long."""
    return type(value) is str and 0 < len(value) <= MAX_NAME_CHARACTERS
