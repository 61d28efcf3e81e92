"""A declaration in words for people: what its fields are, and what a change of it does. Pure."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

TYPE_WORDS = {
    "integer": "whole number",
    "real": "number",
    "boolean": "yes or no",
    "json": "any data",
    "time": "when it was added",
    "date": "day",
    "moment": "day and time",
    "web": "web address",
    "mail": "mail address",
    "markdown": "long text",
    "link": "link to rows",
}
"""What types are called in a sentence; the others by their own names."""
MOST_CHOICES = 6


def called(one: Json) -> str:
    """Return what people call an app, a table or a field."""
    return str(one.get("label") or one.get("name", ""))


def kind_of(field: Json) -> str:
    """Return what a field holds: "number, days", "one of bath, hall"."""
    if choices := field.get("choices"):
        more = ", …" if len(choices) > MOST_CHOICES else ""
        return f"one of {', '.join(choices[:MOST_CHOICES])}{more}"
    kind = str(field.get("type", "text"))
    unit = f", {field['unit']}" if field.get("unit") else ""
    return f"{TYPE_WORDS.get(kind, kind)}{unit}"


def differences(before: Json, after: Json) -> list[str]:
    """Return what a change of a declaration does, one phrase for each part: "add “Price” (money)"."""
    found = [f"call it “{called(after)}”"] if called(before) != called(after) else []
    if before.get("icon", "") != after.get("icon", "") and after.get("icon"):
        found.append(f"give it the icon {after['icon']}")
    known = {one["name"]: one for one in before.get("tables", ())}
    for table in after.get("tables", ()):
        found += _of_table(known[table["name"]], table) if table["name"] in known else [_new_table(table)]
    gone = known.keys() - {one["name"] for one in after.get("tables", ())}
    return [*found, *(f"remove the table “{called(known[name])}”" for name in sorted(gone))]


def removed_fields(before: Json, after: Json) -> Iterator[tuple[str, Json]]:
    """Yield the fields that a change removes: the name of the table, and the field."""
    now = {table["name"]: {one["name"] for one in table["fields"]} for table in after.get("tables", ())}
    for table in before.get("tables", ()):
        for field in table["fields"]:
            if field["name"] not in now.get(table["name"], ()):
                yield table["name"], field


def _new_table(table: Json) -> str:
    fields = ", ".join(called(one) for one in table["fields"])
    return f"add the table “{called(table)}” ({fields})"


def _of_table(before: Json, after: Json) -> list[str]:
    known = {one["name"]: one for one in before["fields"]}
    found = [f"call a row “{called(after)}”"] if called(before) != called(after) else []
    for field in after["fields"]:
        old = known.get(field["name"])
        found += _of_field(old, field) if old else [f"add “{called(field)}” ({kind_of(field)})"]
    now = {one["name"] for one in after["fields"]}
    return [*found, *(f"remove “{called(one)}”" for name, one in known.items() if name not in now)]


def _of_field(before: Json, after: Json) -> list[str]:
    found = [f"call “{called(before)}” “{called(after)}”"] if called(before) != called(after) else []
    if kind_of(before) != kind_of(after):
        found.append(f"make “{called(after)}” a field of another type ({kind_of(before)} → {kind_of(after)})")
    return found
