"""The type `text`: one line of somebody's words, or several."""

from typing import Any

from apps.types.kinds import FieldType, Misfit, Rules, wrong_type


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


TEXT = FieldType("", check_text, is_text=True)
