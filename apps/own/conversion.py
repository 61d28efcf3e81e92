"""Turn a value of one type of field into one of another, by how people write it."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.tables import BadValue, Field
from apps.types.kinds import Misfit
from apps.types.reader import HERE

YES = ("yes", "true", "1", "on", "done", "x")
NO = ("no", "false", "0", "off", "")


def converted(value: Any, old: Field, new: Field) -> Any:
    """Return a value of `old` as one of `new`, or raise `BadValue`. What is empty stays empty."""
    if value is None or (value == old.kind.empty and not old.none):
        return None if new.may_be_none else new.kind.empty
    try:
        return _checked(value, new)
    except BadValue:
        return _checked(_parsed(as_text(value, old), new), new)


def _checked(value: Any, new: Field) -> Any:
    """Check the type alone: the other rules of a field hold for new values, and rows that are older are kept."""
    if type(value) is bool and not new.kind.is_switch and not new.kind.is_any:
        raise BadValue("wrong_type", f"`{new.name}` is {value!r}.")
    return replace(new, required=False, choices=(), default=None, least=None, most=None).checked(value)


def as_text(value: Any, old: Field) -> str:
    """Return a value as people write it."""
    if type(value) is str:
        return value
    if old.kind.is_any or type(value) is float:
        return json.dumps(value, ensure_ascii=False)
    return old.kind.in_words(value)


def _parsed(text: str, new: Field) -> Any:
    """Return what a text means as a value of a type; the text itself if it means nothing."""
    word = text.strip()
    if new.kind.is_switch:
        return True if word.casefold() in YES else False if word.casefold() in NO else text
    if new.kind.is_text:
        return text
    if new.kind.may_be_none:
        with suppress(Misfit):
            return new.kind.parse(text, datetime.now(HERE.zone), "")
        return text
    with suppress(ValueError, OverflowError, RecursionError):
        if new.kind.is_any:
            return json.loads(word)
        number = float(word)
        return int(word) if new.kind.is_whole and "." not in word else int(number) if number.is_integer() else number
    return text
