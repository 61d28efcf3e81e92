"""A player of a few kilobytes: weights of two matrices, and an adapter that changes one of them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llm_worker.player_cards import FOLDER, Adapter, Base, PlayerCard, read_card, sha256_of

CHANGED, KEPT = "blk.0.attn_q.weight", "blk.0.attn_k.weight"
ROWS, COLUMNS, RANK, ALPHA = 96, 64, 4, 8.0


@dataclass(frozen=True, slots=True)
class SmallPlayer:
    """Its card, and the file of its base."""

    card: PlayerCard
    base: Path


def make_small_player(folder: Path, *, changes: str = CHANGED, rows: int = ROWS) -> SmallPlayer:
    """Write the files into a folder. `changes`: the name of the matrix that the adapter changes."""
    import numpy as np

    random = np.random.default_rng(1)
    folder.mkdir(parents=True, exist_ok=True)
    base, adapter = folder / "small-base.gguf", folder / "small-adapter.gguf"
    write(base, {}, {name: random.normal(size=(rows, COLUMNS)) for name in (CHANGED, KEPT)}, "Q8_0")
    parts = {
        f"{changes}.lora_a": random.normal(size=(RANK, COLUMNS)),
        f"{changes}.lora_b": random.normal(size=(rows, RANK)),
    }
    write(adapter, {"general.type": "adapter", "adapter.type": "lora", "adapter.lora.alpha": ALPHA}, parts, "F16")
    known = read_card(FOLDER / "pianola-player-135m.toml")
    card = replace(
        known,
        name="small",
        title="A small player",
        base=Base("nowhere", base.name, base.stat().st_size, sha256_of(base), "MIT"),
        adapter=Adapter(adapter.name, adapter.stat().st_size, sha256_of(adapter)),
        folder=folder,
    )
    return SmallPlayer(card, base)


def write(file: Path, values: dict[str, Any], tensors: dict[str, Any], kind: str) -> None:
    """Write a GGUF file."""
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFWriter
    from gguf.quants import quantize

    writer = GGUFWriter(file, "llama")
    for name, value in values.items():
        writer.add_float32(name, value) if isinstance(value, float) else writer.add_string(name, value)
    for name, numbers in tensors.items():
        stored = quantize(numbers.astype(np.float32), GGMLQuantizationType[kind])
        writer.add_tensor(name, stored, raw_dtype=GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
