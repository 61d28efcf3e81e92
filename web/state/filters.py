"""The filters of a table: a boolean field gives one for no and one for yes; a field with choices gives one for each.

A field that says when something is due gives one for each span of days near now, tags give one for each tag in use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from apps.due.spans import SPANS, bounds
from apps.tables import Field, Row, Table
from apps.types.tags import LONGEST_TAG

TALK = "talk"
"""Name in the query of an address: the conversation that the page shows beside the app."""
NEW_TALK = "new"
"""Its value for a conversation that begins with the first message."""
MOST_DIGITS = 17

MOST_FIELDS = 3
MOST_CHOICES = 12
"""More would be too many buttons. The search field finds the rest."""

NO, YES = "no", "yes"

Counts = Mapping[tuple[str, Any], int]
"""How many rows each filter finds, by `Option.key`; by ("", None): how many there are."""


@dataclass(frozen=True, slots=True)
class Option:
    """One filter: a field, the value that its rows have, and its label."""

    field: str
    value: Any
    label: str

    @property
    def key(self) -> tuple[str, Any]:
        """The key of its count in `Shown.counts`."""
        return self.field, self.value

    @property
    def text(self) -> str:
        """The value as it is written in an address."""
        return {True: YES, False: NO}[self.value] if type(self.value) is bool else str(self.value)


def options(table: Table) -> list[list[Option]]:
    """Return the filters of a table, in one list for each field."""
    groups = [_options_of(one) for one in table.fields]
    return [group for group in groups if group][:MOST_FIELDS]


def _options_of(one: Field) -> list[Option]:
    name = one.label or one.name.replace("_", " ")
    if one.kind.is_switch:
        without = "Open" if one.name == "done" else f"Not {name}"
        return [Option(one.name, False, without), Option(one.name, True, one.heading)]
    if one.kind.is_when:
        return [Option(one.name, span, label) for span, label in SPANS.items()]
    if 0 < len(one.choices) <= MOST_CHOICES:
        return [Option(one.name, choice, choice.capitalize()) for choice in one.choices]
    return []


def tags_in_use(table: Table, counts: Counts, filters: Row) -> list[Option]:
    """Return the filters by tags: the most frequent ones, and the chosen one."""
    found: list[Option] = []
    for one in table.fields:
        if one.kind.is_tags:
            used = {key[1]: number for key, number in counts.items() if key[0] == one.name and number > 0}
            often = sorted(used, key=lambda tag: (-used[tag], tag))[:MOST_CHOICES]
            chosen = [filters[one.name]] if one.name in filters and filters[one.name] not in often else []
            found += [Option(one.name, tag, f"#{tag}") for tag in (*often, *chosen)]
    return found


def shown_options(table: Table, counts: Counts, filters: Row) -> list[Option]:
    """Return the filters that the page offers. Spans in which nothing is due are left out."""
    everything = ("", None) if not table.switches else (table.switches[0], False)
    found: list[Option] = []
    for group in options(table):
        one = table.all_fields[group[0].field]
        if one.kind.is_when:
            dated = counts.get((one.name, "none"), 0) < counts.get(everything, 0)
            found += [item for item in group if (dated and counts.get(item.key)) or filters.get(one.name) == item.value]
        else:
            found += group
    return found + tags_in_use(table, counts, filters)


def where_of(table: Table | None, filters: Row, now: datetime) -> Row:
    """Return filters as a `where` of the store. `now`: the reader's, without a zone.

    What is overdue, and what is due in the next days, is what is still to be done, unless the filters say otherwise.
    """
    where: Row = {}
    implied: Row = {}
    for name, value in filters.items():
        one = table.all_fields.get(name) if table else None
        is_span = one is not None and one.kind.is_when and value in SPANS
        where[name] = bounds(value, now) if is_span else value
        if is_span and table and table.switches:
            implied[table.switches[0]] = False
    return {**implied, **where}


def wheres_of(table: Table, now: datetime) -> dict[tuple[str, Any], Row]:
    """Return what each filter finds, by `Option.key`; without those by tags, of which there are many."""
    return {one.key: where_of(table, {one.field: one.value}, now) for group in options(table) for one in group}


def filters_in(table: Table | None, query: Mapping[str, str]) -> Row:
    """Return the filters in an address, as values by field. Anything that is not a filter of the table is ignored."""
    known = {(one.field, one.text): one.value for group in options(table) for one in group} if table else {}
    tags = [one.name for one in table.fields if one.kind.is_tags] if table else []
    by_tag = {name: query[name] for name in tags if 0 < len(query.get(name, "")) <= LONGEST_TAG}
    return {field: known[field, text] for field, text in query.items() if (field, text) in known} | by_tag


def filters_of(table: Table | None, query: str) -> Row:
    """Return the filters in the query of an address (the part after the question mark), as values by field."""
    return filters_in(table, dict(parse_qsl(query[:1_000])))


def written(filters: Row, look: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a look (as `apps.shown.look.written` has it) and filters as the query of an address.

    That is the part after the question mark.
    """
    said = {field: Option(field, value, "").text for field, value in filters.items()}
    return urlencode({**look, **said}, safe=",")


def address(app: str, filters: Row, look: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the address at which an app is shown with these filters, in this look."""
    query = written(filters, look)
    return f"/apps/{quote(app)}{'?' if query else ''}{query}"


def talk_of(text: str) -> int | None:
    """Return the conversation that `talk` of an address names, 0 for a new one; None if it names none."""
    if text == NEW_TALK:
        return 0
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def without_talk(query: str) -> str:
    """Return the query of an address without the conversation: the rest belongs to the app."""
    return "&".join(one for one in query.split("&") if one.partition("=")[0] != TALK)
