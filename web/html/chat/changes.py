"""Changes that are proposed, as HTML: each row as it is and as it would be, field by field."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastcore.xml import FT

from apps.field_types import yes_or_no
from apps.tables import Field, Row, Table
from web.html.parts.elements import Dd, Del, Div, Dl, Dt, Ins, Li, Ol, P, Span

HIDDEN = ("id", "position", "profile")
"""Fields that a user does not know."""
VERBS = {"insert": "Add", "delete": "Delete", "sort": "Move"}
LONGEST_NAME = 80


def would_list(would: Sequence[Row], tables: Mapping[str, Table]) -> FT:
    """Return what would change. `would`: as in the entry of a proposal, see docs/agent.md; `tables`: by name."""
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
            Span(f" “{name_of(row)}”", cls="name") if name_of(row) else None,
            f", {_behind(after['after'])}" if operation == "sort" else None,
        ),
        None if operation == "sort" else _fields(before, after, table.all_fields if table else {}),
    )


def name_of(row: Row) -> str:
    """Return what a row is called: its first text, in one line."""
    texts = (value for name, value in row.items() if name not in HIDDEN and type(value) is str and value.strip())
    line = " ".join(next(texts, "").split())
    return line if len(line) <= LONGEST_NAME else f"{line[:LONGEST_NAME]}…"


def _behind(key: object) -> str:
    return f"behind row {key}" if key else "to the front"


def _fields(before: Row, after: Row, fields: Mapping[str, Field]) -> FT | None:
    """Return the fields that differ: of a new row what it would have, of a deleted one what would be lost."""
    names = [name for name in {**before, **after} if name not in HIDDEN and before.get(name) != after.get(name)]
    shown = [name for name in names if not _is_empty(before.get(name)) or not _is_empty(after.get(name))]
    if not shown:
        return None
    return Dl(*(_field(name, fields.get(name), before, after) for name in shown), cls="differences")


def _field(name: str, one: Field | None, before: Row, after: Row) -> FT:
    label = (one.label if one else "") or name
    was = Del(in_words(before[name], one), cls="before") if name in before else None
    will = Ins(in_words(after[name], one), cls="after") if name in after else None
    return Div(Dt(label.replace("_", " ")), Dd(was, " → " if was and will else None, will))


def _is_empty(value: object) -> bool:
    return value in ("", None)


def in_words(value: Any, one: Field | None) -> str:
    """Return a value of a field as people write it."""
    if isinstance(value, bool):
        return yes_or_no(value)
    return "nothing" if _is_empty(value) else one.kind.in_words(value) if one else str(value)
