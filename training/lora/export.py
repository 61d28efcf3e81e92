"""Write a difference as a GGUF adapter, which llama.cpp loads beside the weights."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize

from training.lora.weights import Weights

BLOCK = 32
"""Numbers that Q8_0 stores together: the rank must be a multiple of it."""


class BadDifference(Exception):
    """The files do not hold the whole difference of a model."""


def read_difference(files: Iterable[Path]) -> dict[str, Any]:
    """Return the arrays of `lora-0.npz`, `lora-1.npz` …, by the names that llama.cpp knows."""
    arrays: dict[str, Any] = {}
    for file in files:
        with np.load(file) as content:
            arrays |= {name: content[name].astype(np.float32) for name in content.files}
    return arrays


def check_difference(arrays: dict[str, Any], weights: Weights) -> None:
    """Raise `BadDifference` unless each matrix has both parts, and no other has any."""
    wanted = {f"{name}.{part}" for name in weights.shape.matrices for part in ("lora_a", "lora_b")}
    if missing := sorted(wanted - arrays.keys()):
        raise BadDifference(f"The difference of {missing[0]} is missing. Name all files lora-*.npz of one run.")
    if strange := sorted(arrays.keys() - wanted):
        raise BadDifference(f"The model has no {strange[0]}. Name the weights that were taught.")


def write_adapter(weights: Weights, arrays: dict[str, Any], out: Path, *, alpha: float, eight_bits: bool) -> None:
    """Write the adapter. `eight_bits`: half as large; the rank must be a multiple of 32."""
    check_difference(arrays, weights)
    rank = min(next(iter(arrays.values())).shape)
    if eight_bits and rank % BLOCK:
        raise BadDifference(f"The rank is {rank}. Expected a multiple of {BLOCK} for 8 bits.")
    writer = GGUFWriter(out, weights.shape.architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_name("Pianola player")
    writer.add_license("apache-2.0")
    for name, array in arrays.items():
        if eight_bits:
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(name, quantize(array, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, array.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
