"""Read the words behind a command: `title=milk`, `due>=today`. What they mean depends on the field."""

import re
from collections.abc import Iterable
from typing import Any

from apps.core import PROFILE
from apps.from_text.values import NONE, from_words
from apps.names import compared
from apps.tables import Field, Row, Table
from bus.errors import PianolaError
from services.shell.lookup import field_called, key_called, table_called
from services.shell.session import Session

PAIR = re.compile(r"([^=<>]+)(=|>=|<=)(.*)", re.DOTALL)
BOUNDS = {">=": "from", "<=": "to"}


class NotReadable(PianolaError):
    """Words behind a command are neither a value nor a condition."""

    def __init__(self, text: str, expected: str) -> None:
        super().__init__(f"{text!r:.80} cannot be read. Expected {expected}.")


def is_pair(text: str) -> bool:
    """Return whether a word gives a field a value."""
    return PAIR.fullmatch(text) is not None


async def values_in(session: Session, table: Table, words: Iterable[str]) -> Row:
    """Return the values that `field=value` words give."""
    values: Row = {}
    for word in words:
        found = PAIR.fullmatch(word)
        if found is None or found[2] != "=":
            raise NotReadable(word, "a field and its value, like title=milk")
        field = field_called(table, found[1])
        if field.name == "id":
            raise NotReadable(word, "a field that can be set; an id is given by the store")
        values[field.name] = await value_of(session, field, found[3])
    return values


async def where_in(session: Session, table: Table, conditions: Iterable[str]) -> Row:
    """Return the `where` of conditions, within the profile. The same field twice: one of both values.

    `due>=today` and `due<=friday` are the bounds of a range, and belong to it.
    """
    where: Row = {}
    for condition in conditions:
        found = PAIR.fullmatch(condition)
        if found is None:
            raise NotReadable(condition, "a condition, like done=false, due>=today or price<=10")
        field, value = field_called(table, found[1]), None
        value = await value_of(session, field, found[3])
        where[field.name] = _joined(condition, where.get(field.name, ()), found[2], value)
    return session.in_profile(table) | {name: _simple(wanted) for name, wanted in where.items()}


def _joined(condition: str, before: Any, sign: str, value: Any) -> Any:
    """Return what a field must have, with one more condition."""
    if sign == "=":
        if type(before) is dict:
            raise NotReadable(condition, "either a value or a range for a field, not both")
        return [*before, *(value if type(value) is list else [value])]
    if before and type(before) is not dict:
        raise NotReadable(condition, "either a value or a range for a field, not both")
    return {**(before or {}), BOUNDS[sign]: value}


def _simple(wanted: Any) -> Any:
    return wanted[0] if type(wanted) is list and len(wanted) == 1 else wanted


async def value_of(session: Session, field: Field, text: str) -> Any:
    """Return the value of a field that a text means, or raise `BadValue`. Links are named by title or id."""
    if field.kind.is_link:
        return await _links(session, field, text)
    if field.name == PROFILE.name and not text.strip().isdigit():
        return await key_called(session, PROFILE, text)
    return from_words(field, text, session.reader)


async def _links(session: Session, field: Field, text: str) -> Any:
    """Return the ids of the rows that a text names: one, or several with commas between them."""
    if compared(text) in ("", NONE):
        return None
    target = table_called(session.registry, field.to)
    parts = text.split(",") if field.several else [text]
    return [await key_called(session, target, part.strip()) for part in parts]
