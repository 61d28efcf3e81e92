"""Cut a line into numbers, words and signs, each with the span of characters that it stands in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bus.text.normal import normal

LETTER = r"[^\W\d_]"
TOKEN = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9])"
    r"|[0-9]{1,2}(?P<sign>[/-])[0-9]{1,2}(?P=sign)(?:[0-9]{4}|[0-9]{2})(?![0-9])"
    r"|[0-9]{1,2}/[0-9]{1,2}(?![0-9])"
    r"|[0-9]{1,2}\.[ ]?[0-9]{1,2}\.(?:[ ]?[0-9]{4}(?![0-9])|[0-9]{2}(?![0-9]))?)"
    r"|(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9]))"
    r"|(?P<decimal>[0-9]+[.,][0-9]+)"
    r"|(?P<number>[0-9]+)"
    rf"|(?P<word>{LETTER}(?:{LETTER}|[\u0300-\u036f])*)"
    rf"|(?P<joint>(?<={LETTER})['’‐-](?={LETTER}))"
    r"|(?P<other>\S)"
)
LONGEST_WORD = 40
"""Characters; no word of ours is longer."""


@dataclass(frozen=True, slots=True)
class Token:
    """A number, word or sign. `kind`: the name of the group in `TOKEN`."""

    kind: str
    text: str
    """Folded: lower case, without accents."""
    start: int
    end: int
    glued: bool
    """It follows the token before it without a space."""


def fold(word: str) -> str:
    """Return a word as the tables have it: "Übermorgen" is "ubermorgen", "dreißig" is "dreissig"."""
    return normal(word[: LONGEST_WORD + 1])


def tokens_of(text: str, compounds: Mapping[str, int] | None = None) -> list[Token]:
    """Return the tokens of a line. `compounds`: words that are two, with the length of the first: "freitagabend", 7."""
    return list(_tokens(text, compounds or {}))


def _tokens(text: str, compounds: Mapping[str, int]) -> Iterator[Token]:
    end = 0
    for found in TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        start, glued = found.start(), found.start() == end
        end = found.end()
        if kind == "joint":  # "aujourd'hui" and "après-demain" are two words each
            continue
        word = fold(found[0]) if kind == "word" else found[0]
        cut = compounds.get(word, 0)
        if cut:
            yield Token(kind, word[:cut], start, start + cut, glued)
            yield Token(kind, word[cut:], start + cut, end, True)
        else:
            yield Token(kind, word, start, end, glued)
