"""The filters of a table: a boolean field gives one for no and one for yes; a field with choices gives one for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from apps.tables import Field, Row, Table

TALK = "talk"
"""Name in the query of an address: the conversation that the page shows beside the app."""
NEW_TALK = "new"
"""Its value for a conversation that begins with the first message."""
MOST_DIGITS = 17

MOST_FIELDS = 3
MOST_CHOICES = 12
"""More would be too many buttons. The search field finds the rest."""

NO, YES = "no", "yes"


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
    if 0 < len(one.choices) <= MOST_CHOICES:
        return [Option(one.name, choice, choice.capitalize()) for choice in one.choices]
    return []


def filters_in(table: Table | None, query: Mapping[str, str]) -> Row:
    """Return the filters in an address, as values by field. Anything that is not a filter of the table is ignored."""
    known = {(one.field, one.text): one.value for group in options(table) for one in group} if table else {}
    return {field: known[field, text] for field, text in query.items() if (field, text) in known}


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
