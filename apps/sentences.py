"""A change in words: who did what to which row, and which fields differ. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.names import without_article
from apps.tables import Field, Row, Table
from apps.types.numbers import yes_or_no
from apps.types.reader import HERE, Reader

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


def who_did(change: Row) -> str:
    """Return who made a change: a program that came with a key by its name."""
    client = change.get("client")
    return f"The program “{shortened(client, LONGEST_NAME)}”" if client else ACTORS[change["actor"]]


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


def differences(
    change: Row, table: Table | None, profiles: Mapping[int, str], reader: Reader = HERE
) -> list[Difference]:
    """Return the fields that an update changed, except `position`, with their values as this reader writes them."""
    if change["verb"] != "update":
        return []
    fields = table.all_fields if table else {}
    changed = {
        name: without_same(change["before"].get(name), after)
        for name, after in change["after"].items()
        if name != "position"
    }
    return [
        Difference(
            label_of(name, fields),
            words(fields.get(name), before, profiles, reader),
            words(fields.get(name), after, profiles, reader),
        )
        for name, (before, after) in changed.items()
    ]


def without_same(before: Any, after: Any) -> tuple[Any, Any]:
    """Return two values without what is the same in both, if they are maps: long ones would hide what has changed."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return before, after
    same = {name for name in before.keys() & after.keys() if before[name] == after[name]}
    left, right = ({name: value for name, value in one.items() if name not in same} for one in (before, after))
    return left, right


def label_of(name: str, fields: Mapping[str, Field]) -> str:
    """Return the label of a field."""
    label = fields[name].label if name in fields else ""
    return label or name.replace("_", " ")


def words(one: Field | None, value: Any, profiles: Mapping[int, str], reader: Reader = HERE) -> str:
    """Return a value as this reader writes it."""
    if value in ("", None):
        return "nothing"
    if one is not None and one.name == "profile":
        return profiles.get(value, f"profile {value}")
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, dict | list) and (one is None or one.kind.is_any):
        return shortened(plain(value), LONGEST_VALUE)
    return shortened(one.in_words(value, reader) if one else str(value), LONGEST_VALUE)


def plain(value: Any) -> str:
    """Return a JSON value as people write it: "place: Rome; days: 3". A list of rows shows their titles."""
    if isinstance(value, dict):
        named = (f"{name.replace('_', ' ')}: {plain(one)}" for name, one in value.items())
        return str(value["title"]) if "title" in value else "; ".join(named) or "nothing"
    if isinstance(value, list):
        return ", ".join(plain(one) for one in value) or "nothing"
    if isinstance(value, bool):
        return yes_or_no(value)
    return "nothing" if value in ("", None) else str(value)


def kind_of(change: Row, table: Table | None) -> str:
    """Return what kind of row was changed: "the todo", "the setting"."""
    label = (table.label or table.name) if table else change["subject"]
    return f"the {without_article(label)}".replace("_", " ")


def title_of(row: Row, table: Table | None) -> str:
    """Return the title of a row, or its first text if that is empty; its key in a keyed table; "" if it has none."""
    if table is None:
        return ""
    texts = [one for one in table.fields if one.kind.is_text and not one.choices]
    named = [one for one in texts if one.required] if table.keyed else dict.fromkeys((table.title_field, *texts))
    given = (one for one in named if one.kind.names_rows and row.get(one.name) not in ("", None))
    found = next((shortened(one.kind.in_words(row[one.name]), LONGEST_NAME) for one in given), "")
    return found or (str(row.get("id", "")) if table.keyed else "")


def shortened(text: str, limit: int) -> str:
    """Return the text in one line, cut to `limit` characters."""
    line = " ".join(text[: limit * 2].split())
    return line if len(line) <= limit else f"{line[:limit]}…"
