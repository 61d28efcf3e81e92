"""Read a line of quick entry as the values of a row: "call the bank tomorrow 9:00 #home"."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from apps.due.following import first
from apps.tables import Field, Row, Table
from apps.types.moment import instant
from apps.types.when import at_clock
from apps.words import Found, Part, find
from apps.words.quick_entry import without

BETWEEN = " … "
"""Stands between the places of a part that has several."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of a line that was understood."""

    field: Field
    value: Any
    words: str
    """The part as it stands in the line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it was understood. `title`: the rest of it."""

    title: str
    chips: tuple[Chip, ...]
    values: Row
    """The values of the fields beside the title."""


def read_entry(table: Table, line: str, now: datetime, locale: str = "", kept: Collection[str] = ()) -> Entry:
    """Read a line for a table. `kept`: parts that stay in the title, as in `Chip.words`.

    `now`: in the reader's zone. A line of nothing but such parts is a title.
    """
    found = _chosen(table, find(line, now, locale), line, kept)
    if not found.title:
        return Entry(line.strip(), (), {})
    chips = tuple(_chips(table, found, line, now))
    values: Row = {}
    for chip in chips:
        is_list = type(chip.value) is list
        values[chip.field.name] = [*values.get(chip.field.name, []), *chip.value] if is_list else chip.value
    due, repeat = table.due_field, table.repeat_field
    if due and repeat and repeat.name in values and due.name not in values:
        values[due.name] = first(values[repeat.name], now)
    return Entry(found.title, chips, values)


def _chosen(table: Table, found: Found, line: str, kept: Collection[str]) -> Found:
    """Leave out the parts for which there is no field, and those that stay in the title."""

    def wanted(part: Part | None, field: Field | None) -> Part | None:
        return part if part and field and words_of(part, line) not in kept else None

    tags = tuple(tag for tag in found.tags if wanted(tag, _tags_field(table)))
    chosen = Found(
        "",
        wanted(found.date, table.due_field),
        wanted(found.moment, table.due_field),
        wanted(found.repeat, table.repeat_field),
        tags,
    )
    return replace(chosen, title=without(line, chosen))


def _chips(table: Table, found: Found, line: str, now: datetime) -> Iterator[Chip]:
    due, repeat, tags = table.due_field, table.repeat_field, _tags_field(table)
    if due and found.date:
        yield Chip(due, found.date.value, words_of(found.date, line))
    if due and found.moment:
        value = at_clock(instant(found.moment.value), now.tzinfo or UTC)
        yield Chip(due, value, words_of(found.moment, line))
    if repeat and found.repeat:
        yield Chip(repeat, found.repeat.value, words_of(found.repeat, line))
    if tags:
        yield from (Chip(tags, [tag.value], words_of(tag, line)) for tag in found.tags)


def _tags_field(table: Table) -> Field | None:
    return next((one for one in table.fields if one.kind.is_tags), None)


def words_of(part: Part, line: str) -> str:
    """Return a part as it stands in the line."""
    return BETWEEN.join(line[start:end] for start, end in sorted(part.spans))
