"""The type `json`: lists, maps, and any other value that JSON can express."""

import json
import re
from datetime import datetime
from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type
from apps.types.numbers import check_integer
from apps.types.reader import Reader
from apps.types.text import check_text

DEEPEST_JSON = 100
"""How deep lists and maps may lie in each other: less than msgpack and the parsers of JSON can carry."""
LONG_NUMBER = re.compile(r"\d{19}")
HALF_CHARACTER = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


def check_json(value: Any, rules: Rules) -> Any:
    """Take what JSON can express in at most `rules.limit` characters, and what the bus and the file can carry."""
    try:
        written = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise wrong_type(value, "what JSON can express") from None
    if len(written) > rules.limit:
        raise Misfit("too_long", f"takes {len(written):,} characters, at most {rules.limit:,} fit.")
    if written.count("[") + written.count("{") > DEEPEST_JSON and depth(value) > DEEPEST_JSON:
        raise Misfit("bad_value", f"has lists and maps in each other. Expected: at most {DEEPEST_JSON} levels.")
    if LONG_NUMBER.search(written):
        check_integers(value)
    if HALF_CHARACTER.search(written):
        check_text(json.dumps(value, ensure_ascii=False), rules)
    return value


def depth(value: Any) -> int:
    """Return how deep lists and maps lie in each other; counts no further than one level beyond the limit."""
    level, values = 0, [value]
    while values := [one for one in values if isinstance(one, list | dict)]:
        level += 1
        if level > DEEPEST_JSON:
            break
        values = [inner for one in values for inner in (one.values() if isinstance(one, dict) else one)]
    return level


def check_integers(value: Any) -> None:
    """Refuse a whole number of more than 64 bits, also within lists and maps. Must not be too deep."""
    if isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            check_integers(one)
    elif type(value) is int:
        check_integer(value, Rules())


def parse_json(text: str, _now: datetime, _locale: str) -> Any:
    """Read JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Misfit("wrong_type", f"is {text!r:.60}. Expected: JSON.") from None


def show_json(value: Any, _reader: Reader) -> str:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False)


JSON = FieldType(None, check_json, "JSON", show_json, parse_json, is_any=True)
