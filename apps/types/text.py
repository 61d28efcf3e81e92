"""The types `text` and `markdown`: somebody's words."""

from datetime import datetime
from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type
from bus.text.normal import sort_key


def check_text(value: Any, rules: Rules) -> str:
    """Take a text of at most `rules.limit` characters."""
    if type(value) is not str:
        raise wrong_type(value, "a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Misfit("bad_value", "holds half a character (a lone surrogate).") from None
    if len(value) > rules.limit:
        raise Misfit("too_long", f"has {len(value):,} characters, at most {rules.limit:,} fit. Shorten it.")
    return value


def check_words(value: Any, rules: Rules) -> str | None:
    """Take a text; one without a character in it is none."""
    text = check_text(value, rules)
    return text if text.strip() else None


def parse_text(text: str, _now: datetime, _locale: str) -> str:
    """Return the text as it is."""
    return text


def parse_words(text: str, _now: datetime, _locale: str) -> str | None:
    """Return the text as it is; one without a character in it is none."""
    return text if text.strip() else None


TEXT = FieldType("", check_text, "a text", parse=parse_text, sort_key=sort_key, is_text=True)
MARKDOWN = FieldType(None, check_words, "a text", parse=parse_words, sort_key=sort_key, is_searched=True, is_long=True)
