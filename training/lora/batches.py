"""Examples in batches of about the same number of tokens, each of examples of about the same length. Pure."""

from collections.abc import Iterator, Sequence, Sized
from random import Random
from typing import TypeVar

AnExample = TypeVar("AnExample", bound=Sized)

STEP = 16
"""Lengths are rounded up to this, so that few shapes come up."""
SHUFFLED = 6_000
"""Examples within which those of about the same length are brought together."""


def batches_of(examples: Sequence[AnExample], most_tokens: int, rng: Random) -> list[list[AnExample]]:
    """Return the examples in batches, in an order of chance. `most_tokens`: of a batch, with what fills it up."""
    mixed = list(examples)
    rng.shuffle(mixed)
    batches: list[list[AnExample]] = []
    for start in range(0, len(mixed), SHUFFLED):
        some = list(_packed(sorted(mixed[start : start + SHUFFLED], key=len), most_tokens))
        rng.shuffle(some)
        batches += some
    return batches


def _packed(examples: Sequence[AnExample], most_tokens: int) -> Iterator[list[AnExample]]:
    """Yield batches of examples that are sorted by length."""
    batch: list[AnExample] = []
    for one in examples:
        if batch and width_of([*batch, one]) * (len(batch) + 1) > most_tokens:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def width_of(batch: Sequence[Sized]) -> int:
    """Return to how many tokens each example of a batch is filled up."""
    return -(-max(map(len, batch)) // STEP) * STEP
