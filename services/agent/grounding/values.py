"""Whether a value that overwrites another one was said. Pure."""

from datetime import datetime

from apps.tables import Field, Row, Table
from apps.types.duration import UNITS
from apps.types.reader import HERE, Reader
from apps.words import days_in, repeats_in
from services.agent.grounding.numbers import numbers_in
from services.agent.grounding.vocabulary import EMPTYING, RELATIVE, TIMES, ZERO
from services.agent.grounding.words import content_words, said, words_of

DAY_CHARACTERS = len("2026-11-28")


def unsaid_fields(values: Row, before: Row, table: Table, text: str, reader: Reader = HERE) -> list[str]:
    """Return the fields whose new value overwrites another one, and was not said. Switches need no words."""
    return [
        one.name
        for one in table.fields
        if one.name in values
        and values[one.name] != before.get(one.name)
        and before.get(one.name) not in (None, "")
        and not is_said(values[one.name], one, text, before.get(one.name), reader)
    ]


def unsaid_plans(values: Row, table: Table, text: str, reader: Reader = HERE) -> list[str]:
    """Return the fields of a new row that plan something which nobody spoke of: a day, or how often it comes again.

    Texts, numbers and choices of a new row may be the model's own, because people see at once what is wrong with them.
    A plan shows only later. A day of today is none, but for what says when something is due.
    """
    today = datetime.now(reader.zone).date().isoformat()
    return [
        one.name
        for one in table.fields
        if values.get(one.name) is not None
        and (one.kind.is_repeat or _plans_day(one, str(values[one.name]), today))
        and not is_said(values[one.name], one, text, reader=reader)
    ]


def _plans_day(field: Field, value: str, today: str) -> bool:
    has_day = field.kind.days is not None and not field.kind.set_by_store
    return has_day and (field.kind.is_when or value[:DAY_CHARACTERS] != today)


def is_said(value: object, field: Field, text: str, before: object = None, reader: Reader = HERE) -> bool:
    """Return whether a text says a value: its words, its number, or the name of the choice.

    `before`: the old value. `reader`: whose text it is.
    """
    if isinstance(value, bool) or field.kind.is_switch:
        return True
    if value in (None, ""):
        return not (ZERO | EMPTYING).isdisjoint(words_of(text))
    if field.kind.is_duration and isinstance(value, int):
        return _is_duration_said(value, text)
    if isinstance(value, int | float):
        return _is_number_said(float(value), text, before)
    if field.kind.is_repeat:
        return value in repeats_in(text)
    if field.kind.is_ordered and isinstance(value, str):  # a day, a moment, an amount: one of its numbers is said
        return _is_day_said(value, text, reader) or not numbers_in(value).isdisjoint(numbers_in(text))
    words = frozenset(words_of(text))
    parts = content_words(str(value))
    if field.choices:
        return any(said(part, words) for part in parts)
    known = [*words, *words_of(str(before or ""))]
    return bool(parts) and all(said(part, known) for part in parts) and any(said(part, words) for part in parts)


def _is_day_said(value: str, text: str, reader: Reader) -> bool:
    """Return whether words name the day of a value: "tomorrow", "on Friday at 9"."""
    days = {one[:DAY_CHARACTERS] for one in days_in(text, datetime.now(reader.zone), reader.locale)}
    return value[:DAY_CHARACTERS] in days


def _is_duration_said(value: int, text: str) -> bool:
    """Return whether a number of a text, or two together, give so many seconds in some unit: "1 h 30 min"."""
    lengths = {number * unit for number in numbers_in(text) for unit in UNITS.values()}
    return value in lengths or any(value - one in lengths for one in lengths)


def _is_number_said(value: float, text: str, before: object) -> bool:
    numbers, words = numbers_in(text), frozenset(words_of(text))
    if value in numbers or (value == 0 and words & ZERO):
        return True
    if not isinstance(before, int | float):
        return False
    if words & RELATIVE and abs(value - before) in numbers:
        return True
    return bool(words & TIMES) and value in (before * 2, before / 2)
