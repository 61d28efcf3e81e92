"""Proposed changes as HTML: each row as it is now and as it would become, field by field."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastcore.xml import FT

from apps.sentences import label_of, shortened
from apps.tables import Field, Row, Table
from apps.types.numbers import yes_or_no
from apps.types.reader import HERE, Reader
from web.html.parts.elements import Dd, Del, Details, Div, Dl, Dt, Ins, Li, Ol, P, Span, Summary

HIDDEN = ("id", "position", "profile")
"""Fields that are not shown to a user."""
CALL = "call"
VERBS = {"insert": "Add", "delete": "Delete", "sort": "Move", "run": "Start", "cancel": "Cancel", CALL: "Call"}
LONGEST_NAME = 80
LINES_SHOWN = 5
"""Changes of one proposal that are shown before the others are unfolded."""


def would_list(
    would: Sequence[Row],
    tables: Mapping[str, Table],
    card: int,
    decisions: Sequence[FT | None] = (),
    reader: Reader = HERE,
) -> FT:
    """Return what would change, as a list for this reader; what is beyond the first lines is folded.

    `would`: see a proposal's `detail` in docs/agent.md; `tables`: by name; `card`: its id.
    `decisions`: the buttons of each line, if each can be decided by itself.
    """
    beside = [*decisions, *[None] * len(would)]
    items = [
        _change(one, tables.get(one["table"]), buttons, reader) for one, buttons in zip(would, beside, strict=False)
    ]
    shown, rest = items[:LINES_SHOWN], items[LINES_SHOWN:]
    first = Ol(*shown, cls="would", tabindex="0", aria_label="What would change")
    if not rest:
        return first
    others = Ol(*rest, cls="would", start=str(LINES_SHOWN + 1), aria_label="What else would change")
    more = Details(Summary(f"{len(rest)} more"), others, id=f"more-of-{card}", cls="more-lines")
    return Div(first, more, cls="all-lines")


def _change(one: Row, table: Table | None, buttons: FT | None, reader: Reader) -> FT:
    operation, before, after = one["operation"], one["before"], one["after"]
    if operation == CALL:
        return Li(P(Span(VERBS[CALL], cls="verb"), f" {one['table']}"), _arguments(after))
    row = before or after
    return Li(
        P(
            Span(VERBS.get(operation, "Change"), cls="verb"),
            f" {place_of(one)}",
            Span(f" “{name_of(row)}”", cls="name", dir="auto") if name_of(row) else None,
            f", {_new_place(after['after'])}" if operation == "sort" else None,
        ),
        None if operation == "sort" else fields_list(before, _beside(one), table.all_fields if table else {}, reader),
        buttons,
    )


def _arguments(given: Row) -> FT | None:
    """Return all that a tool of another program is given: none of it may be hidden."""
    shown = (value if type(value) is str else json.dumps(value, ensure_ascii=False) for value in given.values())
    parts = [part for name, text in zip(given, shown, strict=True) for part in (Dt(name), Dd(text, dir="auto"))]
    return Dl(*parts, cls="differences") if parts else None


def _beside(one: Row) -> Row:
    """Return the values that a row gets, without the name of a new row: that stands above them."""
    name = name_of(one["after"]) if one["operation"] == "insert" else ""
    return {field: value for field, value in one["after"].items() if not name or value != name}


def place_of(one: Row) -> str:
    """Return what people call the row of a change that has no name: its table; with its id, if it has one."""
    named = bool(name_of(one["before"] or one["after"]))
    return f"{one['table']} {'' if named else one['row'] or ''}".replace("_", " ").rstrip()


def name_of(row: Row) -> str:
    """Return the name of a row: its first text that is not empty, in one line."""
    texts = (value for name, value in row.items() if name not in HIDDEN and type(value) is str and value.strip())
    return shortened(" ".join(next(texts, "").split()), LONGEST_NAME)


def _new_place(after: object) -> str:
    return f"after row {after}" if after else "to the top"


def fields_list(before: Row, after: Row, fields: Mapping[str, Field], reader: Reader) -> FT | None:
    """Return the fields that differ. A new row shows what it contains, a deleted row what is lost."""
    shown = shown_fields(before, after)
    if not shown:
        return None
    return Dl(*(_field(name, fields, before, after, reader) for name in shown), cls="differences")


def shown_fields(before: Row, after: Row) -> list[str]:
    """Return the names of the fields that differ, without those that people do not see."""
    names = [name for name in {**before, **after} if name not in HIDDEN and before.get(name) != after.get(name)]
    return [name for name in names if not _is_empty(before.get(name)) or not _is_empty(after.get(name))]


def _field(name: str, fields: Mapping[str, Field], before: Row, after: Row, reader: Reader) -> FT:
    one = fields.get(name)
    old = Del(in_words(before[name], one, reader), cls="before", dir="auto") if name in before else None
    new = Ins(in_words(after[name], one, reader), cls="after", dir="auto") if name in after else None
    return Div(Dt(label_of(name, fields)), Dd(old, " → " if old and new else None, new))


def _is_empty(value: object) -> bool:
    return value in ("", None)


def in_words(value: Any, one: Field | None, reader: Reader) -> str:
    """Return a field's value as this reader writes it."""
    if isinstance(value, bool):
        return yes_or_no(value)
    return "nothing" if _is_empty(value) else one.in_words(value, reader) if one else str(value)
