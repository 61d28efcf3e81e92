"""The verdict on one order: by the rows before it, after the answer, and after the user has agreed to every proposal.

Pure. What the assistant said is not judged, but for whether the answer to a question about rows contains the word that
it should contain.
"""

from collections.abc import Sequence
from typing import Literal

from bench.real.effects import Difference, Effect, free_texts, missing, unexpected
from bench.real.orders import Order
from bench.real.patterns import contains

Verdict = Literal["right", "asked", "missed", "said", "wrong", "needless", "offered"]
VERDICTS: dict[Verdict, str] = {
    "right": "the rows are as they should be",
    "asked": "proposed, and right if the user agrees; the order is one that may be asked about",
    "missed": "too little was done, or what was tried was refused",
    "said": "nothing but words, where something was to be done",
    "wrong": "something was done that nobody asked for, or a delete without asking",
    "needless": "proposed, and right if the user agrees; but the user's words were clear",
    "offered": "something wrong was proposed, and nothing wrong was done",
}
GOOD: tuple[Verdict, ...] = ("right", "asked")


def verdict(
    order: Order, done: Sequence[Difference], agreed: Sequence[Difference], *, proposed: bool, tried: bool
) -> Verdict:
    """Return the verdict.

    `done`: what was done to the rows by itself; `agreed`: the same with every proposal agreed to; `proposed`: there was
    a proposal; `tried`: the model wrote an instruction.
    """
    if not any(not unexpected(done, effects) for effects in order.accepted):
        return "wrong"
    if proposed:
        return _of_proposal(order, agreed)
    if not is_right(order, done):
        return "missed" if tried else "said"
    return "wrong" if order.ask == "must" else "right"


def _of_proposal(order: Order, agreed: Sequence[Difference]) -> Verdict:
    if is_right(order, agreed) and agreed:
        return "needless" if order.ask == "no" else "asked"
    partly = agreed and any(not unexpected(agreed, effects) for effects in order.accepted)
    return "missed" if partly else "offered"


def is_right(order: Order, done: Sequence[Difference]) -> bool:
    """Return whether exactly one of the accepted outcomes has come about."""
    return any(_is_all(effects, done) for effects in order.accepted)


def _is_all(effects: Sequence[Effect], done: Sequence[Difference]) -> bool:
    return not unexpected(done, effects) and not missing(done, effects)


def is_embellished(order: Order, done: Sequence[Difference]) -> bool:
    """Return whether a new row was given a free text, such as a note, that the order says nothing about.

    That changes no verdict: the person sees the row, and one click takes it back.
    """
    named = {name for effects in order.accepted for effect in effects for name in effect.values}
    texts = [name for one in done for table in order.tables for name in free_texts(one, table)]
    return any(name not in named for name in texts)


def is_answered(order: Order, said: str) -> bool:
    """Return whether what was said contains the words that the answer to this question must contain."""
    return contains(said, order.answer)
