"""How the model writes instructions: a manual made from the tables of the open app. Pure."""

import json
from collections.abc import Iterable

from apps.tables import Field, Row, Table

EXAMPLES = {"text": "milk", "integer": 3, "real": 1.5, "boolean": True, "json": {}, "time": 0.0}
PLAIN = {
    "text": "text",
    "integer": "whole number",
    "real": "number",
    "boolean": "true or false",
    "json": "any JSON",
    "time": "Unix seconds",
}

HEAD = """\
To change or read the open app's data, write one JSON object per step, each in a fence of its own:
```json
{example}
```
Say in a few words what you do; the object itself does it. Without it nothing happens. Operations:"""

OPERATIONS = """\
- {"operation": "insert", "table": T, "values": {field: value, …}}
- {"operation": "update", "table": T, "id": 3, "values": {field: value, …}}
- {"operation": "delete", "table": T, "id": 3} (the user is asked first)"""
TOGGLE = '- {"operation": "toggle", "table": T, "id": 3, "field": F}: flips a field that is true or false'
SORT = '- {"operation": "sort", "table": T, "id": 3, "after": 7}: moves row 3 behind row 7 (0: to the top)'
READING = """\
- {"operation": "list", "table": T, "where": {field: value}}, {"operation": "get", "table": T, "id": 3}, \
{"operation": "search", "table": T, "text": "words"}: you are shown the rows and go on
- {"operation": "open", "app": A}: opens another app"""
TAIL = "Ids are those of the rows you were shown. Never write an instruction that the user did not ask for."


def describe(tables: Iterable[Table], apps: Iterable[str]) -> str:
    """Return the manual; "" for an app without tables. `apps`: names that can be opened."""
    tables = tuple(tables)
    if not tables:
        return ""
    lines = [HEAD.replace("{example}", json.dumps(example(tables[0]), ensure_ascii=False)), OPERATIONS]
    if any(one.type == "boolean" for table in tables for one in table.fields):
        lines.append(TOGGLE)
    if any(table.sortable for table in tables):
        lines.append(SORT)
    lines += [READING, *map(_table, tables), f"Apps (A): {', '.join(apps)}.", TAIL]
    return "\n".join(lines)


def example(table: Table) -> Row:
    """Return a complete insert into the table."""
    needed = [one for one in table.fields if one.required] or list(table.fields[:1])
    return {"operation": "insert", "table": table.name, "values": {one.name: _example(one) for one in needed}}


def _example(one: Field) -> object:
    return one.choices[0] if one.choices else EXAMPLES[one.type]


def _table(table: Table) -> str:
    return f"Table (T) {table.name}, fields: {', '.join(map(_field, written(table)))}."


def written(table: Table) -> tuple[Field, ...]:
    """Return the fields that the model may write: times are set by the store."""
    return tuple(one for one in table.fields if one.type != "time")


def _field(one: Field) -> str:
    kind = f"one of {', '.join(one.choices)}" if one.choices else PLAIN[one.type]
    return f"{one.name} ({kind}{', required' if one.required else ''})"
