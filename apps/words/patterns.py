"""Read the patterns of a language's tables, and find the longest that fits.

A pattern is written as people read it: "in {number} {period} | [the] {day} [of] {month}". A word stands for itself,
`[…]` may be left out, `(a | b)` is one of several, `{…}` is a slot: see `slots.py`. The apostrophe at a word's end
("d'") is not read. All patterns of a table become one tree: the time to read a line grows with its length alone.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.words.tokens import Token, tokens_of

ITEM = re.compile(r"[\[\]()|]|\{\w+\}|[^\s\[\](){}|]+")

Values = dict[str, Any]
"""What the slots of a pattern hold."""
ReadSlot = Callable[[str, int], tuple[Any, int] | None]
"""Takes the name of a slot and the index of a token; returns the value and the index behind it."""


@dataclass(slots=True)
class Node:
    """A place in the tree of patterns."""

    words: dict[str, "Node"] = field(default_factory=dict)
    slots: dict[str, "Node"] = field(default_factory=dict)
    meaning: str = ""
    """The key of the table, where a pattern ends here."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern that fits."""

    meaning: str
    values: Values
    end: int
    """Index of the token behind it."""


def tree_of(table: Mapping[str, str]) -> Node:
    """Return the tree of a table: meaning to patterns."""
    root = Node()
    for meaning, patterns in table.items():
        for phrase in phrases(patterns):
            node = root
            for item in phrase:
                branches = node.slots if item.startswith("{") else node.words
                node = branches.setdefault(item.strip("{}"), Node())
            node.meaning = node.meaning or meaning
    return root


def words_of(tree: Node) -> set[str]:
    """Return all words of the patterns in a tree."""
    below = (words_of(node) for node in (*tree.words.values(), *tree.slots.values()))
    return set(tree.words).union(*below)


def phrases(patterns: str) -> list[tuple[str, ...]]:
    """Return every sequence of words and slots that the patterns allow."""
    return [phrase for phrase in _choice(ITEM.findall(patterns)[::-1]) if phrase]


def _choice(items: list[str]) -> list[tuple[str, ...]]:
    """Read up to the closing bracket. `items`: a stack, the next one last."""
    done: list[tuple[str, ...]] = []
    begun: list[tuple[str, ...]] = [()]
    while items and (item := items.pop()) not in ("]", ")"):
        if item == "|":
            done, begun = done + begun, [()]
            continue
        if item == "[":
            more = [(), *_choice(items)]
        elif item == "(":
            more = _choice(items)
        else:
            more = [(item,) if item.startswith("{") else tuple(one.text for one in tokens_of(item.rstrip("'")))]
        begun = [(*left, *right) for left, right in itertools.product(begun, more)]
    return done + begun


def longest(tree: Node, tokens: Sequence[Token], at: int, read: ReadSlot) -> Match | None:
    """Return the longest pattern that fits from this token on. Of equal ones, words go before slots."""
    return max(_fitting(tree, tokens, at, read, {}), key=lambda match: match.end, default=None)


def _fitting(node: Node, tokens: Sequence[Token], at: int, read: ReadSlot, values: Values) -> Iterator[Match]:
    if node.meaning:
        yield Match(node.meaning, values, at)
    if at >= len(tokens):
        return
    if follower := node.words.get(tokens[at].text):
        yield from _fitting(follower, tokens, at + 1, read, values)
    for slot, follower in node.slots.items():
        if found := read(slot, at):
            value, end = found
            yield from _fitting(follower, tokens, end, read, {**values, slot: value})
