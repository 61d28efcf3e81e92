"""The type `tags`: short words, each once: `["home", "garden"]`."""

from datetime import datetime
from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type
from apps.types.reader import Reader
from apps.types.text import check_text
from bus.text.normal import sort_key

MOST_TAGS = 50
LONGEST_TAG = 60
EXPECTED = "a list of tags, like home, garden"


def check_tags(value: Any, rules: Rules) -> list[str] | None:
    """Take a list of texts: without blanks around, empty ones, and those that differ from another only in case."""
    if type(value) is not list:
        raise wrong_type(value, EXPECTED)
    if len(value) > MOST_TAGS:
        raise Misfit("too_long", f"has {len(value):,} tags, at most {MOST_TAGS} fit. Leave some out.")
    tags = {tag.casefold(): tag for tag in reversed([check_tag(one, rules) for one in value]) if tag}
    return list(reversed(tags.values())) or None


def check_tag(value: Any, rules: Rules) -> str:
    """Take one tag."""
    tag = " ".join(check_text(value, rules).split()).removeprefix("#").strip()
    if "," in tag:
        raise Misfit("bad_value", f"has the tag {tag!r:.80}. Expected tags without a comma, which stands between them.")
    if len(tag) > LONGEST_TAG:
        raise Misfit("too_long", f"has a tag of {len(tag):,} characters, at most {LONGEST_TAG} fit. Shorten it.")
    return tag


def parse_tags(text: str, _now: datetime, _locale: str) -> list[str] | None:
    """Read tags with commas between them, each with a # or without."""
    return [tag for one in text.split(",") if (tag := one.strip())] or None


def show_tags(value: list[str], _reader: Reader) -> str:
    """Return the tags with commas between them."""
    return ", ".join(value)


def tags_key(value: list[str]) -> str:
    """Return a text that sorts by the first tag, then the second."""
    return sort_key(", ".join(value))


TAGS = FieldType(
    None, check_tags, EXPECTED, show_tags, parse_tags, tags_key, is_searched=True, is_list=True, is_tags=True
)
