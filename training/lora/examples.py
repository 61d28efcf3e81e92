"""Examples made on all cores: orders, told by the product's composer, as tokens of the model that is taught."""

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from tokenizers import Tokenizer

from training.lora.model import LONGEST
from training.lora.tokens import Example, example_of, tokenizer_of
from training.lora.weights import Weights
from training.orders.make import samples
from training.prompt import messages_of
from training.strangers import refuse_overlap

PART = 500
"""Examples that one process makes at a time."""
SEEDS = 1_000_003
"""Between the seeds of two parts of one run; a prime, so that runs do not share parts."""


@dataclass(frozen=True, slots=True)
class Part:
    """Examples that one process makes."""

    weights: Path
    languages: tuple[str, ...]
    seed: int
    count: int


@cache
def _tokenizer(weights: Path) -> Tokenizer:
    return tokenizer_of(Weights(weights))


def made_part(part: Part) -> list[Example]:
    """Return the examples of a part. Those that are too long are left out."""
    orders = list(islice(samples(part.seed, part.languages), part.count))
    refuse_overlap(one.says for one in orders)
    tokenizer = _tokenizer(part.weights)
    made = (example_of(tokenizer, messages_of(one)) for one in orders)
    return [one for one in made if len(one) <= LONGEST]


def made_examples(weights: Path, languages: tuple[str, ...], count: int, seed: int = 1) -> Iterator[Example]:
    """Yield examples, made by a process for each core; in the order of their parts."""
    parts = [
        Part(weights, languages, seed + number * SEEDS, min(PART, count - start))
        for number, start in enumerate(range(0, count, PART))
    ]
    processes = min(len(parts), max((os.cpu_count() or 2) - 1, 1))
    if processes == 1:
        yield from (example for part in parts for example in made_part(part))
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for examples in pool.imap(made_part, parts):
            yield from examples
