"""A change in words: who did what to which row, and which fields differ. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.field_types import yes_or_no
from apps.tables import Field, Row, Table

ACTORS = {"user": "You", "model": "The assistant", "app": "An app", "system": "Pianola"}
LONGEST_NAME = 80
LONGEST_VALUE = 120

RowRef = tuple[str, int | str]
"""The name of a table and the id of a row."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a change has changed, with its values in words."""

    field: str
    before: str
    after: str


def row_ref(change: Row) -> RowRef:
    """Return the row that was changed."""
    return change["subject"], change["row"]


def verb_of(change: Row) -> str:
    """Return what was done, as a verb: added, deleted, changed or moved."""
    if change["verb"] == "update":
        return "moved" if change["after"].keys() == {"position"} else "changed"
    return {"insert": "added", "delete": "deleted", "erase": "deleted for good:"}[change["verb"]]


def is_emptied(change: Row) -> bool:
    """Return whether the history has lost what a change changed: it was deleted for good, or is never kept."""
    return not change["before"] and not change["after"]


def differences(change: Row, table: Table | None, profiles: Mapping[int, str]) -> list[Difference]:
    """Return the fields that an update changed, except `position`."""
    if change["verb"] != "update":
        return []
    fields = table.all_fields if table else {}
    return [
        Difference(
            label_of(name, fields),
            words(fields.get(name), change["before"].get(name), profiles),
            words(fields.get(name), value, profiles),
        )
        for name, value in change["after"].items()
        if name != "position"
    ]


def label_of(name: str, fields: Mapping[str, Field]) -> str:
    """Return the label of a field."""
    label = fields[name].label if name in fields else ""
    return (label or name).replace("_", " ")


def words(one: Field | None, value: Any, profiles: Mapping[int, str]) -> str:
    """Return a value in words."""
    if value in ("", None):
        return "nothing"
    if one is not None and one.name == "profile":
        return profiles.get(value, f"profile {value}")
    if isinstance(value, bool):
        return yes_or_no(value)
    return shortened(one.kind.in_words(value) if one else str(value), LONGEST_VALUE)


def kind_of(change: Row, table: Table | None) -> str:
    """Return what kind of row was changed: "the todo", "the setting"."""
    label = (table.label or table.name) if table else change["subject"]
    return f"the {label.removeprefix('a ').removeprefix('an ')}".replace("_", " ")


def title_of(row: Row, table: Table | None) -> str:
    """Return the title of a row: its key, its first required text, or its first text; "" if it has none."""
    if table and table.keyed:
        return str(row.get("id", ""))
    texts = [one for one in table.fields if one.kind.is_text and not one.choices] if table else []
    names = [one.name for one in sorted(texts, key=lambda one: not one.required)]
    return next((shortened(str(row[name]), LONGEST_NAME) for name in names if row.get(name)), "")


def shortened(text: str, limit: int) -> str:
    """Return the text in one line, cut to `limit` characters."""
    line = " ".join(text[: limit * 2].split())
    return line if len(line) <= limit else f"{line[:limit]}…"
