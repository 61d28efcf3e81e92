"""Which model plays when nobody chose one: by kind and size, never by date alone. Pure.

In this order: a model that is loaded; one that fits into the memory of this machine; one that understands orders before
one that only talks; an ordinary chat model before one for a special purpose, and before one that thinks for a page
before it answers; then the largest that still answers in time on a laptop, where a player of our own counts as the
general models that understand orders as well. Never one that cannot chat, and never one that is not on this machine.
"""

import os
import re
from collections.abc import Iterable

from llm_worker.contract import Model

GIBIBYTE = 1024**3

SPECIAL = re.compile(
    r"(?<![a-z])(embed\w*|minilm|bge|rerank\w*|guard\w*|shield\w*|ocr|moondream|llava|bakllava|sql\w*|math\w*"
    r"|coder?|codellama|starcoder\w*|translat\w*|text|base|fim)(?![a-z])",
    re.IGNORECASE,
)
"""Words in the names of models that are not made for talk: they embed, guard, read pictures, write code, continue."""
EMBEDS = re.compile(r"(?<![a-z])(\w*embed\w*|minilm|bge|rerank\w*)(?![a-z])", re.IGNORECASE)
"""Names of models that do not chat at all, for servers that tell no capabilities."""

SHARE_OF_MEMORY = 0.6
"""A model may take so much of the machine's memory; the rest is for its window and for other programs."""
QUICK_BYTES = 6 * GIBIBYTE
"""Larger models are slow without a graphics card: the smallest of them is taken, if there are no others."""


def best(models: Iterable[Model], memory: int) -> Model | None:
    """Return the model to play by default, None when there is none. `memory`: of this machine, in bytes; 0: unknown."""
    local = [model for model in models if model.local and chats(model)]
    return max(local, key=lambda model: rank(model, memory), default=None)


def chats(model: Model) -> bool:
    """Return whether a model can chat, by what its server tells, else by its name."""
    return model.chats and not (not model.capabilities and EMBEDS.search(model.name))


def rank(model: Model, memory: int) -> tuple[object, ...]:
    """Return what models are compared by, the most important first."""
    fits = not memory or model.size <= memory * SHARE_OF_MEMORY
    quick = fits and model.size <= QUICK_BYTES
    thinks = "thinking" in model.capabilities and "instruct" not in model.name
    ordinary = not SPECIAL.search(model.name)
    loaded = model.loaded and model.plays
    size = model.comparable_bytes or model.size
    return loaded, fits, model.plays, ordinary, quick, not thinks, size if quick else -size, model.modified


def memory_of_this_machine() -> int:
    """Return the memory in bytes, 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0
