"""Turn a text into a value of a field's type, or say what was expected."""

from datetime import datetime
from typing import Any

from apps.names import compared
from apps.tables import Field
from apps.types.kinds import Misfit
from apps.types.reader import HERE, Reader

NONE = "none"
"""What people write for no value."""


def converted(field: Field, text: str, reader: Reader = HERE) -> Any:
    """Return what a text means to its reader, or raise `BadValue` that says what was expected."""
    try:
        value = field.kind.parse(text, datetime.now(reader.zone), reader.locale)
    except Misfit as misfit:
        raise field.misfit(misfit.code, misfit.problem) from None
    if value is None and not field.may_be_none and not field.kind.is_any:
        raise field.misfit("wrong_type", f"is {text!r:.60}. Expected: {field.kind.expected}.")
    return value


def from_words(field: Field, text: str, reader: Reader = HERE) -> Any:
    """Return the value that somebody has typed, or raise `BadValue`.

    Beside what `converted` reads: a choice in any case, and `none` where a row may have no value.
    """
    if field.choices:
        return chosen(field, text)
    if compared(text) == NONE and field.may_be_none:
        return None
    return converted(field, text if field.kind.is_text or field.kind.is_long else text.strip(), reader)


def chosen(field: Field, text: str) -> str:
    """Return the choice that a text names, in any case; the text itself if it names none, for the store to refuse."""
    wanted = compared(text)
    found = next((one for one in field.choices if compared(one) == wanted), None)
    if found is None and wanted in ("", NONE) and field.may_be_unchosen:
        return ""
    return text if found is None else found
