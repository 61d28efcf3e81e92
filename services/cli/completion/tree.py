"""What can stand behind each command, read from the parser of the command line."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

ASKED = ("order", "rows", "search", "ask", "chat")
"""Commands whose words depend on the apps: `pianola --complete` says what can follow."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that can be completed, with what it means, in words without quotes of any kind."""

    text: str
    about: str


@dataclass(frozen=True, slots=True)
class Node:
    """What can follow a command. `path`: its words, () for `pianola` alone.

    `choices`: further commands, or the values of its argument; `options`: with their hyphens; `free`: any other word
    can follow, for example a file; `is_asked`: what can follow is asked for when it is typed.
    """

    path: tuple[str, ...]
    choices: tuple[Word, ...]
    options: tuple[Word, ...]
    free: bool
    is_asked: bool = False


def nodes(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Node]:
    """Yield the node of a parser, and of each of its commands."""
    choices: list[Word] = []
    options: list[Word] = []
    below: dict[str, argparse.ArgumentParser] = {}
    free = False
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = dict(action.choices)
            choices += [Word(one.dest, plain(one.help)) for one in action._choices_actions]
        elif action.option_strings:
            options.append(Word(action.option_strings[-1], plain(action.help)))
        elif action.choices:
            choices += [Word(str(one), plain(action.help)) for one in action.choices]
        else:
            free = True
    if path[:1] and path[0] in ASKED:
        yield Node(path, (), tuple(options), free=False, is_asked=True)
    else:
        yield Node(path, tuple(choices), tuple(options), free)
    for name, inner in below.items():
        yield from nodes(inner, (*path, name))


def plain(text: str | None) -> str:
    """Return a help text without the characters that a shell would read as something else."""
    return (text or "").replace(": ", ", ").translate(str.maketrans("", "", "`'\"\\$[]:"))
