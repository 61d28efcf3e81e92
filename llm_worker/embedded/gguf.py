"""The head of a GGUF file: what a model says of itself, and whether the file is whole. Reads no weights.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. After four letters and three numbers come pairs
of key and value, then a line for each tensor (name, shape, type, place), then the weights.
"""

import mmap
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from bus.errors import PianolaError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_ENTRIES = 1_000_000
KEPT_ITEMS = 1_024
"""Longer arrays are skipped: the words of the vocabulary are not needed here."""

NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Types of values with a fixed size, as the module `struct` calls them."""
STRING, ARRAY = 8, 9
BYTES_PER_NUMBER = 2
"""The engine keeps keys and values as numbers of 16 bits."""

BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    9: (32, 36),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
}
"""Types of tensors: how many numbers a block holds, and how many bytes it takes. The size of other types is unknown."""


class BadGguf(PianolaError):
    """A file is no GGUF file, or not a whole one, or none that could chat."""

    def __init__(self, file: Path, problem: str, way_out: str) -> None:
        super().__init__(f"{file} {problem}. {way_out}.")


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself."""

    architecture: str
    parameters: int
    context: int
    """Longest context that the model was made for, in tokens; 0: it does not say."""
    bytes_per_token: int
    """What a token of the context takes in memory, by keys and values of 16 bits."""
    template: str
    """The chat template, "" for none."""


GET_AGAIN = "Get the file again, or move it away"
OTHER_FILE = "Take another file, one of a model that chats"


def read_header(file: Path) -> Header:
    """Return what a file says of itself. Raises `BadGguf`, also for a file that is cut short."""
    try:
        with file.open("rb") as opened:
            if opened.read(len(MAGIC)) != MAGIC:
                raise BadGguf(file, "is no GGUF file: it does not begin with “GGUF”", OTHER_FILE)
            with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _read(file, data)
    except OSError as error:
        raise BadGguf(file, f"cannot be read: {error.strerror}", "Correct its mode, or take another file") from error
    except (struct.error, IndexError, OverflowError) as error:
        size = f"{file.stat().st_size:,} bytes"
        raise BadGguf(file, f"is cut short: its head does not end within its {size}", GET_AGAIN) from error
    except (KeyError, RecursionError) as error:
        raise BadGguf(file, f"has a head that cannot be read ({error!r:.60})", GET_AGAIN) from error


def _read(file: Path, data: mmap.mmap) -> Header:
    cursor = Cursor(data)
    version = cursor.number("I")
    if version not in VERSIONS:
        raise BadGguf(file, f"is written in version {version} of the format, and 2 or 3 was expected", OTHER_FILE)
    tensors, pairs = cursor.number("Q"), cursor.number("Q")
    values = {cursor.text(): cursor.value(cursor.number("I")) for _ in range(min(pairs, MOST_ENTRIES))}
    parameters, end = _tensors(cursor, min(tensors, MOST_ENTRIES), _count(values.get("general.alignment")) or 32)
    if end > len(data):
        raise BadGguf(file, f"is cut short: it has {len(data):,} bytes, and should have {end:,}", GET_AGAIN)
    architecture, kind = str(values.get("general.architecture", "")), values.get("general.type", "model")
    if kind != "model" or architecture == "clip":
        raise BadGguf(file, f"holds no model that chats, but {kind} {architecture}".rstrip(), OTHER_FILE)
    template = values.get("tokenizer.chat_template")
    return Header(
        architecture=architecture,
        parameters=parameters,
        context=_count(values.get(f"{architecture}.context_length")),
        bytes_per_token=_bytes_per_token(values, architecture),
        template=template if type(template) is str else "",
    )


def _tensors(cursor: "Cursor", number: int, alignment: int) -> tuple[int, int]:
    """Return how many numbers all tensors hold, and where the last one ends in the file."""
    parameters = last = 0
    for _ in range(number):
        cursor.text()
        numbers = prod(cursor.number("Q") for _ in range(cursor.number("I")))
        kind, place = cursor.number("I"), cursor.number("Q")
        block, size = BLOCKS.get(kind, (1, 0))
        parameters += numbers
        last = max(last, place + numbers // block * size)
    begin = -(-cursor.at // alignment) * alignment
    return parameters, begin + last


def _bytes_per_token(values: dict[str, Any], architecture: str) -> int:
    """Return the bytes that keys and values of one token take in all layers; 0 where the file does not say enough."""

    def of(name: str) -> Any:
        return values.get(f"{architecture}.{name}")

    heads = _count(of("attention.head_count")) or 1
    usual = _count(of("embedding_length")) // heads
    length = (_count(of("attention.key_length")) or usual) + (_count(of("attention.value_length")) or usual)
    layers, keys = _count(of("block_count")), of("attention.head_count_kv") or heads
    all_keys = sum(map(_count, keys)) if type(keys) is list else layers * _count(keys)
    return all_keys * length * BYTES_PER_NUMBER


def _count(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0


class Cursor:
    """A place in the file, which moves on with all that is read."""

    def __init__(self, data: mmap.mmap) -> None:
        """Begins behind the four letters."""
        self._data = data
        self.at = len(MAGIC)

    def number(self, kind: str) -> Any:
        """Return the next number. `kind`: as the module `struct` calls it."""
        (value,) = struct.unpack_from(f"<{kind}", self._data, self.at)
        self.at += struct.calcsize(kind)
        return value

    def text(self) -> str:
        """Return the next text: its length in bytes, then its bytes."""
        length = self.number("Q")
        start = self.at
        self._skip(length)
        return self._data[start : self.at].decode(errors="replace")

    def value(self, kind: int) -> Any:
        """Return the next value of a type; None for a long array."""
        if kind == STRING:
            return self.text()
        if kind == ARRAY:
            return self._array(self.number("I"), self.number("Q"))
        return self.number(NUMBERS[kind])

    def _array(self, kind: int, length: int) -> list[Any] | None:
        if length <= KEPT_ITEMS:
            return [self.value(kind) for _ in range(length)]
        if kind == STRING:
            self._skip_texts(length)
        else:
            self._skip(length * struct.calcsize(NUMBERS[kind]))
        return None

    def _skip_texts(self, number: int) -> None:
        read = struct.Struct("<Q").unpack_from
        at, data = self.at, self._data
        for _ in range(number):
            at += 8 + read(data, at)[0]
        self.at = at

    def _skip(self, length: int) -> None:
        self.at += length
        if self.at > len(self._data):
            raise IndexError(self.at)
