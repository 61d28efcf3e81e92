"""Changes that are proposed, as HTML: each row as it is and as it would be, field by field."""

from collections.abc import Sequence
from typing import Any

from fastcore.xml import FT

from apps.tables import Row
from web.elements import Dd, Del, Div, Dl, Dt, Ins, Li, Ol, P, Span

HIDDEN = ("id", "position", "profile")
"""Fields that a user does not know."""
VERBS = {"insert": "Add", "delete": "Delete", "sort": "Move"}
LONGEST_NAME = 80


def would_list(would: Sequence[Row]) -> FT:
    """Return what would change. `would`: as in the entry of a proposal, see docs/agent.md."""
    return Ol(*(_change(one) for one in would), cls="would", aria_label="What would change")


def _change(one: Row) -> FT:
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
        None if operation == "sort" else _fields(before, after),
    )


def name_of(row: Row) -> str:
    """Return what a row is called: its first text, in one line."""
    texts = (value for name, value in row.items() if name not in HIDDEN and type(value) is str and value.strip())
    line = " ".join(next(texts, "").split())
    return line if len(line) <= LONGEST_NAME else f"{line[:LONGEST_NAME]}…"


def _behind(key: object) -> str:
    return f"behind row {key}" if key else "to the front"


def _fields(before: Row, after: Row) -> FT | None:
    """Return the fields that differ: of a new row what it would have, of a deleted one what would be lost."""
    names = [name for name in {**before, **after} if name not in HIDDEN and before.get(name) != after.get(name)]
    shown = [name for name in names if not _is_empty(before.get(name)) or not _is_empty(after.get(name))]
    if not shown:
        return None
    return Dl(
        *(Div(Dt(name.replace("_", " ")), Dd(*_values(name, before, after))) for name in shown), cls="differences"
    )


def _values(name: str, before: Row, after: Row) -> tuple[object, ...]:
    was = Del(in_words(before[name]), cls="before") if before else None
    will = Ins(in_words(after[name]), cls="after") if after and name in after else None
    return (was, " → ", will) if was and will else (was or will,)


def _is_empty(value: object) -> bool:
    return value in ("", None)


def in_words(value: Any) -> str:
    """Return a value as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if _is_empty(value) else str(value)
