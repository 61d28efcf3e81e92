"""A language as its files say: phrases by kind, answers, lists of words, and kinds of tables. See `README.md`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from apps.types import TypeName
from training.speech.patterns import from_lists

Phrases = tuple[str, ...]
Pair = tuple[str, str]
"""What a user says, and what the assistant answers."""


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A field that a table may have, and how people speak of it."""

    name: str
    type: TypeName = "text"
    choices: Mapping[str, Phrases] = field(default_factory=dict)
    """Each choice with the ways to say it; () for the choice itself."""
    values: tuple[Any, ...] = ()
    """For a number: the least and the most; for a text: values."""
    plain: bool = False
    """A number that is always written in digits, without groups: a year."""
    unit: str = ""
    called: Phrases = ()
    """Ways to name the field, besides its own name."""
    says: Phrases = ()
    """Ways to set it that do not name it, with {row} and {value}."""
    details: Phrases = ()
    """Ways to tell its {value} behind a new row."""
    on: Phrases = ()
    """For a switch: ways to say that it is true of {row}."""
    off: Phrases = ()
    states: Phrases = ()
    """For a switch: adjectives that mean it, besides its name."""
    more: Phrases = ()
    """For a number: ways to raise it, with {row} and {value}."""
    less: Phrases = ()
    special: Mapping[int, Phrases] = field(default_factory=dict)
    """For a number: ways to set it to this number, with {row}."""
    label: str = ""
    """What people call it, if its name does not say the same; in a declared table."""
    to: str = ""
    """For a link, in a declared table: the table to whose rows it leads; `values` are their ids and titles."""

    @property
    def names(self) -> Phrases:
        """All ways to name it."""
        return (self.label or self.name.replace("_", " "), *self.called)


@dataclass(frozen=True, slots=True)
class Action:
    """A task: what is to be done, and how it is told when it was done."""

    verb: str
    past: str
    what: Phrases


@dataclass(frozen=True, slots=True)
class TableKind:
    """A table that people may have, and how they speak of its rows."""

    names: Phrases
    """Names of the app, and of the table."""
    row: str
    """What a row is called: "a plant"."""
    things: Phrases
    """Ways to name the kind of row: "plant"."""
    titles: Phrases = ()
    """Titles of rows, with gaps for words of `lists`."""
    actions: tuple[Action, ...] = ()
    """For tasks, instead of titles."""
    proper: bool = False
    """Titles are names: people put no article before them."""
    add: Phrases = ()
    """Ways to tell of a {new} row that fit only these rows."""
    gone: Phrases = ()
    """Ways to tell that {row} is to be deleted that fit only these rows."""
    title_field: str = "title"
    fields: tuple[FieldKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """Everything that is said in one language."""

    code: str
    phrases: Mapping[str, Phrases]
    """By kind, see `training/speech/kinds.py`."""
    pairs: Mapping[str, tuple[Pair, ...]]
    """Talk without an order, by kind."""
    lists: Mapping[str, Phrases]
    """Words for the gaps of titles and values."""
    numbers: Phrases
    """Zero, one, two …"""
    group: str
    """What stands between thousands."""
    point: str
    """What stands before decimals."""
    article_share: float
    """Of the rows that are named with an article."""
    tables: tuple[TableKind, ...]

    def some(self, kind: str, rng: Random) -> str:
        """Return a phrase of a kind."""
        return rng.choice(self.phrases[kind])

    def pair(self, kind: str, rng: Random) -> Pair:
        """Return something that is said, and its answer."""
        return rng.choice(self.pairs[kind])

    def word(self, name: str, rng: Random) -> str:
        """Return a word of a list."""
        return from_lists(rng.choice(self.lists[name]), self.lists, rng)

    def filled(self, phrase: str, rng: Random) -> str:
        """Return a phrase with its gaps filled from the lists."""
        return from_lists(phrase, self.lists, rng)
