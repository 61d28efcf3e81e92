"""The type `link`: ids of rows of another table, or of the same. Whether they are there, the store looks up."""

import re
from datetime import datetime
from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type
from apps.types.numbers import LARGEST_INTEGER
from apps.types.reader import Reader

MOST_LINKS = 100
LONGEST_KEY = 100
EXPECTED = "a list of ids of rows, like [3]"
NUMBER = re.compile(r"#?(\d{1,18})", re.ASCII)

Key = int | str


def check_link(value: Any, rules: Rules) -> list[Key] | None:
    """Take a list of ids, each once; only one if the field is not for several."""
    if type(value) is not list:
        raise wrong_type(value, EXPECTED)
    keys = list(dict.fromkeys(check_key(one) for one in value))
    if len(keys) > (most := MOST_LINKS if rules.several else 1):
        raise Misfit("too_long", f"has {len(keys):,} links, at most {most} fit. Leave some out.")
    return keys or None


def check_key(value: Any) -> Key:
    """Take the id of a row."""
    if type(value) is int and 0 < value <= LARGEST_INTEGER:
        return value
    if type(value) is str and 0 < len(value) <= LONGEST_KEY:
        return value
    raise wrong_type(value, EXPECTED)


def parse_link(text: str, _now: datetime, _locale: str) -> list[Key] | None:
    """Read ids with commas between them, each with a # or without."""
    keys: list[Key] = []
    for one in filter(None, map(str.strip, text.split(","))):
        found = NUMBER.fullmatch(one)
        keys.append(int(found[1]) if found else one)
    return keys or None


def show_link(value: list[Key], _reader: Reader) -> str:
    """Return the ids: who has read the linked rows shows their titles instead."""
    return ", ".join(f"#{key}" if type(key) is int else str(key) for key in value)


def link_key(value: list[Key]) -> Key:
    """Return the first id."""
    return value[0]


LINK = FieldType(None, check_link, EXPECTED, show_link, parse_link, link_key, is_link=True, is_list=True)
