"""Proposed changes as HTML: each row as it is now and as it would become, field by field."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastcore.xml import FT

from apps.sentences import label_of, shortened
from apps.tables import Field, Row, Table
from apps.types.numbers import yes_or_no
from web.html.parts.elements import Dd, Del, Div, Dl, Dt, Ins, Li, Ol, P, Span

HIDDEN = ("id", "position", "profile")
"""Fields that are not shown to a user."""
VERBS = {"insert": "Add", "delete": "Delete", "sort": "Move", "run": "Start", "cancel": "Cancel"}
LONGEST_NAME = 80


def would_list(would: Sequence[Row], tables: Mapping[str, Table]) -> FT:
    """Return what would change, as a list. `would`: see a proposal's `detail` in docs/agent.md; `tables`: by name."""
    items = (_change(one, tables.get(one["table"])) for one in would)
    return Ol(*items, cls="would", tabindex="0", aria_label="What would change")


def _change(one: Row, table: Table | None) -> FT:
    operation, before, after = one["operation"], one["before"], one["after"]
    row = before or after
    place = f" {one['table']} {one['row'] or ''}".replace("_", " ").rstrip()
    return Li(
        P(
            Span(VERBS.get(operation, "Change"), cls="verb"),
            place,
            Span(f" “{name_of(row)}”", cls="name", dir="auto") if name_of(row) else None,
            f", {_new_place(after['after'])}" if operation == "sort" else None,
        ),
        None if operation == "sort" else _fields(before, after, table.all_fields if table else {}),
    )


def name_of(row: Row) -> str:
    """Return the name of a row: its first text that is not empty, in one line."""
    texts = (value for name, value in row.items() if name not in HIDDEN and type(value) is str and value.strip())
    return shortened(" ".join(next(texts, "").split()), LONGEST_NAME)


def _new_place(after: object) -> str:
    return f"after row {after}" if after else "to the top"


def _fields(before: Row, after: Row, fields: Mapping[str, Field]) -> FT | None:
    """Return the fields that differ. A new row shows what it would contain, a deleted row what would be lost."""
    names = [name for name in {**before, **after} if name not in HIDDEN and before.get(name) != after.get(name)]
    shown = [name for name in names if not _is_empty(before.get(name)) or not _is_empty(after.get(name))]
    if not shown:
        return None
    return Dl(*(_field(name, fields, before, after) for name in shown), cls="differences")


def _field(name: str, fields: Mapping[str, Field], before: Row, after: Row) -> FT:
    one = fields.get(name)
    old = Del(in_words(before[name], one), cls="before", dir="auto") if name in before else None
    new = Ins(in_words(after[name], one), cls="after", dir="auto") if name in after else None
    return Div(Dt(label_of(name, fields)), Dd(old, " → " if old and new else None, new))


def _is_empty(value: object) -> bool:
    return value in ("", None)


def in_words(value: Any, one: Field | None) -> str:
    """Return a field's value as people write it."""
    if isinstance(value, bool):
        return yes_or_no(value)
    return "nothing" if _is_empty(value) else one.kind.in_words(value) if one else str(value)
