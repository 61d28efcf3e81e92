"""Orders of strangers, by which players are judged. They are never taught: no phrase, no made-up order is like one."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from bench.real.orders import SETS, read_orders
from bus.errors import PianolaError
from services.agent.grounding.words import folded, words_of
from training.speech.language import Language
from training.speech.patterns import GAP

MOST_LETTERS_ALIKE = 12
"""Letters and digits of an order that anybody says ("hello", "yes please"): it may be taught all the same."""
MOST_WORDS_ALIKE = 3
"""Words of a phrase, besides its gaps, that may all stand in an order in the same way."""


class Overlap(PianolaError):
    """What is taught is like an order by which a player is judged."""

    def __init__(self, taught: str, judged: str) -> None:
        super().__init__(
            f"{taught!r:.80} is like {judged!r:.80}, by which players are judged. Word the phrase otherwise."
        )


def bare(says: str) -> str:
    """Return an order without what does not count: marks, spaces, accents, capital letters."""
    return "".join(letter for letter in folded(says) if letter.isalnum())


@cache
def judged() -> dict[str, str]:
    """Return all orders by which a player is judged, by themselves bare."""
    orders = [one.says for folder in SETS.values() for one in read_orders(folder)]
    return {bare(one): one for one in orders if len(bare(one)) > MOST_LETTERS_ALIKE}


@cache
def folded_orders() -> list[tuple[str, str]]:
    """Return each of these orders in small letters without accents, and as it is."""
    return [(folded(one), one) for one in judged().values()]


def refuse_overlap(says: Iterable[str]) -> None:
    """Raise `Overlap` for the first made-up order that is also one by which a player is judged."""
    for one in says:
        if order := judged().get(bare(one)):
            raise Overlap(one, order)


def refuse_like_phrases(language: Language) -> None:
    """Raise `Overlap` for the first phrase of a language that an order by which players are judged is made of."""
    for phrase in spoken_phrases(language):
        if order := made_of(phrase):
            raise Overlap(phrase, order)


def made_of(phrase: str) -> str:
    """Return an order that contains a phrase, with anything in its gaps; "" for none, and for a phrase of few words."""
    if len(words_of(GAP.sub(" ", phrase))) <= MOST_WORDS_ALIKE:
        return ""
    parts = (r"\W+".join(map(re.escape, words_of(part))) for part in GAP.split(phrase)[::2])
    pattern = re.compile(r"\b" + r"\b.*\b".join(parts) + r"\b")
    return next((order for folded_order, order in folded_orders() if pattern.search(folded_order)), "")


def spoken_phrases(language: Language) -> Iterator[str]:
    """Yield everything that users say in a language, with its gaps."""
    for kind, phrases in language.phrases.items():
        if not kind.startswith(("said_", "remark_", "sassy_", "offer_")):
            yield from phrases
    yield from (said for pairs in language.pairs.values() for said, _ in pairs)
    yield from (one for name in ("world", "cannot") for one in language.lists[name])
    for table in language.tables:
        yield from (*table.add, *table.gone)
        for field in table.fields:
            yield from (*field.says, *field.details, *field.on, *field.off, *field.more, *field.less)
            yield from (phrase for phrases in field.special.values() for phrase in phrases)
