"""Phrases with gaps: `add {new} to the list`. Pure."""

import re
from collections.abc import Mapping
from random import Random

GAP = re.compile(r"\{([a-z_]+)\}")


def gaps_of(phrase: str) -> frozenset[str]:
    """Return the names of the gaps of a phrase."""
    return frozenset(GAP.findall(phrase))


def filled(phrase: str, **values: str) -> str:
    """Return a phrase with its gaps filled. Raise `KeyError` for a gap without a value."""
    return GAP.sub(lambda gap: values[gap[1]], phrase)


def from_lists(phrase: str, lists: Mapping[str, tuple[str, ...]], rng: Random) -> str:
    """Return a phrase whose gaps are filled from the lists of these names: `call {person}`."""
    return GAP.sub(lambda gap: from_lists(rng.choice(lists[gap[1]]), lists, rng), phrase)
