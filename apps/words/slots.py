"""Read the slots of patterns: a number, a weekday, a time on the clock … in one language.

Each function takes a `Line` and the index of a token. It returns the value and the index behind it, or None.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from apps.words.durations import LENGTHS, SMALLER, measured
from apps.words.languages.language import Language
from apps.words.languages.table import LANGUAGES
from apps.words.patterns import Match, Node, longest, tree_of, words_of
from apps.words.tokens import Token, fold

PERIODS = ("day", "week", "month", "year")
"""Units that a date can be moved by."""
MOST_DIGITS = 4
"""Of a number in words for dates and times; a larger one leads out of the calendar."""
MOST_WEEKDAYS = 7
MOST_PARTS = 6
"""Of a duration: "1 week 2 days 3 hours 4 minutes 5 seconds"."""

Read = tuple[Any, int] | None
BEGINNING_KINDS = ("weekday", "plural", "month", "number", "ordinal", "unit")
TABLES = ("dates", "times", "parts", "todays_parts", "durations", "moments", "repeats")


@dataclass(frozen=True)
class Grammar:
    """A language, ready to be read."""

    language: Language
    words: Mapping[str, Mapping[str, Any]]
    """For each slot that is one word, what its words mean."""
    trees: Mapping[str, Node]
    shy: frozenset[str]
    foreign: frozenset[str]
    compounds: Mapping[str, int]
    """Words that are two, with the length of the first."""
    beginnings: frozenset[str]
    """Words that a pattern can begin with."""
    vocabulary: frozenset[str]
    """All words of its patterns and slots."""

    def may_begin(self, tokens: Sequence[Token], at: int) -> bool:
        """Return whether a date, time or repeat can begin with this token. Most words of a line cannot."""
        if tokens[at].kind in ("number", "decimal"):  # alone it is none
            return at + 1 < len(tokens) and tokens[at + 1].text in self.vocabulary
        return tokens[at].kind in ("date", "clock") or tokens[at].text in self.beginnings


@dataclass(frozen=True)
class Line:
    """The tokens of a line, and the language in which they are read."""

    tokens: Sequence[Token]
    grammar: Grammar

    def longest(self, table: str, at: int) -> Match | None:
        """Return the longest pattern of a table from this token on."""
        return longest(self.grammar.trees[table], self.tokens, at, self.read)

    def read(self, slot: str, at: int) -> Read:
        """Return the value of a slot at this token, and the index behind it; None if it does not fit."""
        return SLOTS[slot](self, at) if at < len(self.tokens) else None

    def word(self, kind: str, at: int) -> Any:
        """Return what a word means, None if it is none of its kind."""
        return self.grammar.words[kind].get(self.tokens[at].text) if at < len(self.tokens) else None


@cache
def grammar_of(code: str) -> Grammar:
    """Return the grammar of a language. Made when it is first needed: it takes some milliseconds."""
    language, words = LANGUAGES[code], _words(LANGUAGES[code])
    trees = {name: tree_of(getattr(language, name)) for name in TABLES}
    trees["leads"] = tree_of({"lead": language.leads})
    shy, foreign = (frozenset(folded(one)) for one in (language.shy, language.foreign))
    beginnings = frozenset().union(*(tree.words for tree in trees.values()), *(words[kind] for kind in BEGINNING_KINDS))
    vocabulary = beginnings.union(*words.values(), *map(words_of, trees.values()))
    compounds = {first + second: len(first) for first, second in language.compounds}
    return Grammar(language, words, trees, shy, foreign, compounds, beginnings, vocabulary)


def _words(language: Language) -> dict[str, dict[str, Any]]:
    units = {word: name for name, words in language.units.items() for word in folded(words)}
    return {
        "weekday": _numbered(language.weekdays, 0),
        "plural": _numbered(language.plural_weekdays, 0),
        "month": _numbered(language.months, 1),
        "number": {
            **_numbered(language.numbers, 0),
            **{fold(word): number for word, number in language.more_numbers.items()},
        },
        "ordinal": _numbered(language.ordinals, 1),
        "ending": dict.fromkeys(folded(language.ordinal_endings), True),
        "unit": {word: name for word, name in units.items() if name in LENGTHS},
        "period": {word: name for word, name in units.items() if name in PERIODS and len(word) > 1},
        "conjunction": dict.fromkeys([*folded(language.conjunctions), ","], True),
    }


def _numbered(words: Sequence[str], first: int) -> dict[str, int]:
    return {word: number for number, same in enumerate(words, first) for word in folded(same)}


def folded(words: str) -> Iterator[str]:
    """Yield the words of a table, folded as tokens are."""
    return map(fold, words.split())


# --- slots ---


def number(line: Line, at: int) -> Read:
    """Read 1, 2, 3 … in digits or in a word."""
    found = _digits(line, at)
    found = line.word("number", at) if found is None else found
    return (found, at + 1) if found else None


def hour(line: Line, at: int) -> Read:
    """Read 0 to 24; a text keeps that it was written as "05"."""
    token = line.tokens[at]
    found = _digits(line, at)
    found = line.word("number", at) if found is None else found
    return (
        ((token.text if token.kind == "number" else str(found)), at + 1) if found is not None and found <= 24 else None
    )


def minute(line: Line, at: int) -> Read:
    """Read 0 to 59."""
    found = _digits(line, at)
    found = line.word("number", at) if found is None else found
    return (found, at + 1) if found is not None and found < 60 else None


def amount(line: Line, at: int) -> Read:
    """Read a number that may have decimals, behind a dot or a comma."""
    token = line.tokens[at]
    if token.kind in ("number", "decimal") and len(token.text) <= 12:
        return Decimal(token.text.replace(",", ".")), at + 1
    found = line.word("number", at)
    return (Decimal(found), at + 1) if found else None


def ordinal(line: Line, at: int) -> Read:
    """Read "3rd" or "third"."""
    if (found := line.word("ordinal", at)) is not None:
        return found, at + 1
    found = _digits(line, at)
    ended = at + 1 < len(line.tokens) and line.tokens[at + 1].glued and line.word("ending", at + 1)
    return (found, at + 2) if found and ended else None


def day(line: Line, at: int) -> Read:
    """Read the day of a month, as a number or an ordinal."""
    found = ordinal(line, at) or number(line, at)
    return found if found and found[0] <= 31 else None


def year(line: Line, at: int) -> Read:
    """Read a year in four digits."""
    found = _digits(line, at)
    return (found, at + 1) if found is not None and len(line.tokens[at].text) == 4 else None


def clock(line: Line, at: int) -> Read:
    """Read "9:00": hours and minutes."""
    parts = line.tokens[at].text.split(":")
    return (tuple(map(int, parts)), at + 1) if line.tokens[at].kind == "clock" and len(parts) == 2 else None


def dotted(line: Line, at: int) -> Read:
    """Read "9.30" as hours and minutes."""
    hours, _, minutes = line.tokens[at].text.partition(".")
    fits = line.tokens[at].kind == "decimal" and len(hours) <= 2 and len(minutes) == 2
    return ((int(hours), int(minutes)), at + 1) if fits else None


def weekdays(line: Line, at: int) -> Read:
    """Read "Monday, Wednesday and Friday"."""
    return _several(line, at, ("weekday", "plural"))


def plurals(line: Line, at: int) -> Read:
    """Read "Mondays and Fridays"."""
    return _several(line, at, ("plural",))


def duration(line: Line, at: int) -> Read:
    """Read a duration, in whole seconds: "2 days and 3 hours", "1 h 30"."""
    total, end, unit = Decimal(0), at, ""
    for _ in range(MOST_PARTS):
        found = line.longest("durations", _behind_and(line, end) if unit else end)
        if not found:
            break
        amount, following = measured(found)
        if unit and LENGTHS[following] >= LENGTHS[unit]:
            break
        total, end, unit = total + amount * LENGTHS[following], found.end, following
    if unit in SMALLER and (rest := line.read("minute", end)) and line.tokens[end].kind == "number":
        total, end = total + rest[0] * LENGTHS[SMALLER[unit]], rest[1]
    return (int(total), end) if unit and total == int(total) else None


def _behind_and(line: Line, at: int) -> int:
    return at + 1 if line.word("conjunction", at) else at


def _one_word(kind: str) -> Callable[[Line, int], Read]:
    def read(line: Line, at: int) -> Read:
        found = line.word(kind, at)
        return None if found is None else (found, at + 1)

    return read


def _several(line: Line, at: int, kinds: Sequence[str]) -> Read:
    found: list[int] = []
    end = at
    while at < len(line.tokens) and len(found) < MOST_WEEKDAYS:
        one = next((one for kind in kinds if (one := line.word(kind, at)) is not None), None)
        if one is None:
            break
        found.append(one)
        end = at = at + 1
        while at < len(line.tokens) and at < end + 2 and line.word("conjunction", at):
            at += 1
        if at == end:
            break
    return (sorted(set(found)), end) if found else None


def _digits(line: Line, at: int) -> int | None:
    token = line.tokens[at]
    return int(token.text) if token.kind == "number" and len(token.text) <= MOST_DIGITS else None


SLOTS: dict[str, Callable[[Line, int], Read]] = {
    **{slot.__name__: slot for slot in (number, hour, minute, amount, ordinal, day, year, clock, dotted)},
    **{slot.__name__: slot for slot in (weekdays, plurals, duration)},
    **{kind: _one_word(kind) for kind in ("weekday", "plural", "month", "unit", "period")},
}
