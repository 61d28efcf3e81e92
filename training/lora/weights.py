"""The weights of a GGUF file, as numbers, and the shape of its model: those that will run are those that are taught."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize

ARCHITECTURES = ("llama", "qwen2")
MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
"""The matrices of a layer that get a difference."""


class UnknownModel(Exception):
    """The file holds a model of a kind that cannot be taught."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What must be known of a model, besides its weights."""

    architecture: str
    layers: int
    heads: int
    kv_heads: int
    epsilon: float
    """Of the norms."""
    rope_base: float

    @property
    def turns_neighbours(self) -> bool:
        """Whether positions turn neighbours (llama), or the two halves of a head (qwen2), as the file has them."""
        return self.architecture == "llama"

    @property
    def matrices(self) -> list[str]:
        """The names of all matrices that get a difference."""
        return [f"blk.{layer}.{name}.weight" for layer in range(self.layers) for name in MATRICES]


class Weights:
    """A GGUF file."""

    def __init__(self, file: Path) -> None:
        """Open the file. Raise `UnknownModel`."""
        self.reader = GGUFReader(file)
        architecture = self.text("general.architecture")
        if architecture not in ARCHITECTURES:
            known = ", ".join(ARCHITECTURES)
            raise UnknownModel(f"{file} holds a model of the kind {architecture!r:.40}. Expected one of: {known}.")
        self.shape = Shape(
            architecture=architecture,
            layers=int(self._number("block_count")),
            heads=int(self._number("attention.head_count")),
            kv_heads=int(self._number("attention.head_count_kv")),
            epsilon=self._number("attention.layer_norm_rms_epsilon"),
            rope_base=self._number("rope.freq_base"),
        )

    def text(self, key: str) -> str:
        """Return a text of the file's head."""
        return str(self.reader.fields[key].contents())

    def texts(self, key: str) -> list[str]:
        """Return a list of texts of the file's head."""
        return [str(one) for one in self.reader.fields[key].contents()]

    def values(self, key: str) -> list[Any]:
        """Return a list of values of the file's head."""
        return list(self.reader.fields[key].contents())

    def arrays(self) -> Mapping[str, Any]:
        """Return all weights as arrays of float32, by name."""
        return {one.name: dequantize(one.data, one.tensor_type).astype(np.float32) for one in self.reader.tensors}

    def _number(self, key: str) -> float:
        architecture = self.text("general.architecture")
        return float(self.reader.fields[f"{architecture}.{key}"].contents())
