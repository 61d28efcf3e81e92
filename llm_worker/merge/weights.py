"""Add an adapter (LoRA) to the weights that it was taught over, and write both as one GGUF file.

Each matrix W that the adapter changes becomes W + alpha / rank · B · A, written as Q8_0: 8 bits keep what the adapter
adds, which the 4 bits of the base would round away. Everything else is copied byte for byte, the head included. What
a GGUF file is: `llm_worker/embedded/gguf.py`.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader
from gguf.quants import dequantize, quantize

KIND = GGMLQuantizationType.Q8_0
BLOCK, BLOCK_BYTES = 32, 34
"""Numbers in a block of that type, and its bytes."""
A, B = ".lora_a", ".lora_b"
"""What the adapter calls the two parts of a matrix's change."""
Matrix = Any
"""Of numpy, whose types are not there where it is not installed."""
Told = Callable[[int, int], None]
"""Is told how many bytes of how many are written."""


class NotOfThisBase(ValueError):
    """The adapter changes what the weights do not have."""


@dataclass(frozen=True, slots=True)
class Part:
    """A tensor of the file that is written. `changed`: by the adapter."""

    tensor: Any
    changed: bool

    @property
    def kind(self) -> int:
        """How its numbers are written."""
        return int(KIND if self.changed else self.tensor.tensor_type)

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.tensor.n_elements) // BLOCK * BLOCK_BYTES if self.changed else int(self.tensor.n_bytes)


class Adapter:
    """The changes of an adapter, by the name of the tensor that each belongs to."""

    def __init__(self, file: Path) -> None:
        """Read all of it: it is small."""
        reader = GGUFReader(file)
        parts = {one.name: numbers(one) for one in reader.tensors}
        self._alpha = float(reader.fields["adapter.lora.alpha"].contents())
        self._parts = {
            name.removesuffix(A): (parts[name], parts[name.removesuffix(A) + B]) for name in parts if A in name
        }

    @property
    def names(self) -> set[str]:
        """The tensors that it changes."""
        return set(self._parts)

    def change_of(self, name: str) -> Matrix:
        """Return what is added to a tensor."""
        down, up = self._parts[name]
        return np.float32(self._alpha / down.shape[0]) * (up @ down)


def merge(base: Path, adapter: Path, target: BinaryIO, told: Told) -> tuple[int, str]:
    """Write the file; return its size and SHA-256. Raises `ValueError` for files that do not fit."""
    reader, changes = GGUFReader(base), Adapter(adapter)
    parts = [Part(one, one.name in changes.names) for one in reader.tensors]
    if missing := changes.names - {one.name for one in reader.tensors}:
        raise NotOfThisBase(f"{adapter.name} changes {min(missing)}, which {base.name} does not have")
    head = head_of(reader, parts)
    total, done, digest = len(head) + sum(padded(one.size, reader.alignment) for one in parts), 0, hashlib.sha256()
    for piece in (head, *pieces(parts, changes, reader.alignment)):
        target.write(piece)
        digest.update(piece)
        done += len(piece)
        told(done, total)
    target.flush()
    return done, digest.hexdigest()


def pieces(parts: list[Part], changes: Adapter, alignment: int) -> Iterator[bytes]:
    """Yield the bytes of each tensor, padded to where the next one begins."""
    for part in parts:
        data = part.tensor.data
        if part.changed:
            data = quantize(numbers(part.tensor) + changes.change_of(part.tensor.name), KIND)
        yield bytes(data.tobytes()).ljust(padded(part.size, alignment), b"\0")


def head_of(reader: Any, parts: list[Part]) -> bytes:
    """Return what stands before the tensors: the base's own head, and where each tensor is now and of which kind."""
    begin = reader.tensors[0].field.offset
    lines, place = [bytes(reader.data[:begin].tobytes())], 0
    for part in parts:
        lines.append(line_of(part, place))
        place += padded(part.size, reader.alignment)
    head = b"".join(lines)
    return head.ljust(padded(len(head), reader.alignment), b"\0")


def line_of(part: Part, place: int) -> bytes:
    """Return the line about a tensor: its name, its shape, its kind, and its place behind the head."""
    name, shape = part.tensor.name.encode(), [int(one) for one in part.tensor.shape]
    written = f"<Q{len(name)}sI{len(shape)}QIQ"
    return struct.pack(written, len(name), name, len(shape), *shape, part.kind, place)


def numbers(tensor: Any) -> Matrix:
    """Return a tensor as numbers of 32 bits."""
    return dequantize(tensor.data, tensor.tensor_type).astype(np.float32)


def padded(size: int, alignment: int) -> int:
    """Return a size in whole steps of the alignment."""
    return -(-size // alignment) * alignment
