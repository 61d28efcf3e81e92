"""Orders of strangers, by which a player is judged. They are never taught: no made-up order may say the same."""

from collections.abc import Iterable
from functools import cache

from bench.real.orders import read_orders
from bus.errors import PianolaError
from services.agent.grounding.words import folded

MOST_LETTERS_ALIKE = 12
"""Letters and digits of an order that anybody says ("hello", "yes please"): it may be taught all the same."""


class Overlap(PianolaError):
    """A made-up order is one of those by which a player is judged."""

    def __init__(self, says: str) -> None:
        super().__init__(f"{says!r:.80} is one of the orders in bench/real/orders. Remove the phrase that made it.")


def bare(says: str) -> str:
    """Return an order without what does not count: marks, spaces, accents, capital letters."""
    return "".join(letter for letter in folded(says) if letter.isalnum())


@cache
def judged() -> frozenset[str]:
    """Return all orders by which a player is judged, bare."""
    orders = (bare(one.says) for one in read_orders())
    return frozenset(one for one in orders if len(one) > MOST_LETTERS_ALIKE)


def refuse_overlap(says: Iterable[str]) -> None:
    """Raise `Overlap` for the first order that is also one of those by which a player is judged."""
    for one in says:
        if bare(one) in judged():
            raise Overlap(one)
