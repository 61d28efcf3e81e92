"""What people call a model: a player of our own by the title on its card (folder `players`), any other by its name."""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

CARDS = Path(__file__).parent.parent.parent / "players"


def called(model: str) -> str:
    """Return what people call the model of this name. `model`: as on the bus, or as its own server calls it."""
    own = model.rpartition("/")[2].partition(":")[0]  # without a server before it, and without Ollama's tag
    return titles().get(own, model)


@cache
def titles() -> Mapping[str, str]:
    """Return the titles of our own players, by name. A card that cannot be read is left out; the worker says why."""
    found = {}
    for card in sorted(CARDS.glob("*.toml")):
        with suppress(OSError, ValueError, KeyError):
            found[card.stem] = str(tomllib.loads(card.read_text(encoding="utf-8"))["title"])
    return found
