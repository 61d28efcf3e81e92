"""A text as words, and when two words count as the same: a slip of the keyboard or another ending is allowed. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from services.agent.grounding.vocabulary import SMALL_WORDS

WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*", re.UNICODE)
WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
"""Scripts in which a word may stand beside the next one without a space: each pair of characters counts as a word."""
MIN_SLIP_LENGTH = 4
"""Characters; in shorter words a slip makes another word: "tea", "tee"."""
MIN_FREE_BEGIN = 6
"""Characters; in shorter words another first letter is no slip, but makes another word: "cane", "pane"."""
MIN_STEM = 4
"""Characters that two forms of a word have in common at the beginning."""
MAX_ENDING = 3
"""Characters of the ending of a form of a word."""


def folded(text: str) -> str:
    """Return the text in lower case, without accents, and with full-width characters as usual ones."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return "".join(one for one in plain if not unicodedata.combining(one))


def words_of(text: str) -> list[str]:
    """Return all words of a text, in their order."""
    found: list[str] = []
    for word in WORD.findall(folded(text)):
        if WITHOUT_SPACES.search(word):
            found += [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
        else:
            found.append(word)
    return found


def content_words(text: str) -> list[str]:
    """Return the words that name something: no articles, pronouns, prepositions; all words, if there are no others."""
    every = words_of(text)
    return [word for word in every if word not in SMALL_WORDS] or every


def said(word: str, words: Iterable[str]) -> bool:
    """Return whether a word is among `words`, in any form."""
    return any(is_same(word, one) for one in words)


@lru_cache(maxsize=20_000)
def is_same(one: str, other: str) -> bool:
    """Return whether two folded words count as the same: equal, one slip apart, or two forms of one word."""
    if one == other:
        return True
    if one[0].isdigit() or other[0].isdigit():
        return False
    return is_one_slip(one, other) or is_other_form(one, other) or is_compound(one, other)


def is_one_slip(one: str, other: str) -> bool:
    """Return whether a letter is wrong, missing, too many, or two neighbours changed places; in long words twice."""
    length = min(len(one), len(other))
    if length < MIN_SLIP_LENGTH or abs(len(one) - len(other)) > 1:
        return False
    if length < MIN_FREE_BEGIN and one[0] != other[0]:
        return False
    return distance(one, other) <= (2 if length >= 2 * MIN_SLIP_LENGTH else 1)


def is_other_form(one: str, other: str) -> bool:
    """Return whether two words differ in their endings only: "water", "watered", "watering"."""
    stem = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        stem += 1
    return stem >= MIN_STEM and max(len(one), len(other)) - stem <= MAX_ENDING


def is_compound(one: str, other: str) -> bool:
    """Return whether the longer word ends or begins with the other: "Hafermilch" and "Milch", "teapot" and "tea"."""
    short, long = sorted((one, other), key=len)
    return len(short) >= MIN_STEM and (long.endswith(short) or long.startswith(short))


def distance(one: str, other: str) -> int:
    """Return how many letters must be changed, added, left out or swapped with their neighbour (Damerau)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        two_before, before, row = before, row, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1]
