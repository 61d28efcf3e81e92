"""A proposed app, or a change of one, as HTML: its fields in words, and example rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastcore.xml import FT

from apps.own.declaration import read
from apps.own.words import called, differences, kind_of
from apps.tables import BadValue, Field, Row
from apps.types.reader import Reader
from web.html.chat.changes import in_words
from web.html.parts.elements import (
    Button,
    Dd,
    Div,
    Dl,
    Dt,
    Li,
    P,
    Span,
    Table,
    Tbody,
    Td,
    Th,
    Thead,
    Tr,
    Ul,
    command_button,
    commands,
)

OPERATIONS = ("make_app", "change_app")
MOST_FIELDS = 20
"""Fields of a table that are shown."""
MOST_COLUMNS = 6
"""Columns of the table of example rows."""


def is_about_app(detail: Row) -> bool:
    """Return whether a card proposes a new app, or a change of one."""
    would = detail.get("would") or []
    return bool(would) and would[0]["operation"] in OPERATIONS


def question_about_app(would: Row) -> str:
    """Return the question whether to do it; what changes stands in a list below it."""
    before = would["before"].get("declaration")
    return (
        f"Change the app “{called(before)}”?" if before else f"Make the app “{called(would['after']['declaration'])}”?"
    )


def proposed_app(would: Row, reader: Reader) -> FT:
    """Return what is proposed, for this reader. `would`: see a proposal's `detail` in docs/agent.md."""
    after = would["after"]["declaration"]
    before = would["before"].get("declaration")
    if before:
        lines = [Li(f"{one[:1].upper()}{one[1:]}.", dir="auto") for one in differences(before, after)]
        notes = [P(one, cls="note", dir="auto") for one in would.get("notes", ())]
        return Div(Ul(*lines, aria_label="What would change"), *notes, cls="proposed-app")
    return Div(*_tables(after, would.get("examples", ()), reader), cls="proposed-app")


def app_buttons(row: Row) -> tuple[FT, ...]:
    """Return the buttons that decide about it."""
    return (
        command_button("Do it", "agree", cls="primary", message=row["id"]),
        command_button("Not now", "decline", message=row["id"]),
        Button("Change…", type="button", **commands("app-ask", message=row["id"])),
    )


def _tables(declaration: Row, examples: Sequence[Row], reader: Reader) -> Iterator[FT]:
    for table in declaration["tables"]:
        several = len(declaration["tables"]) > 1
        if several:
            yield P(called(table), cls="note", dir="auto")
        fields = [
            Div(Dt(called(one), dir="auto"), Dd(kind_of(one), dir="auto")) for one in table["fields"][:MOST_FIELDS]
        ]
        yield Dl(*fields, aria_label=f"Fields of {called(table)}" if several else "Fields")
        if (more := len(table["fields"]) - MOST_FIELDS) > 0:
            yield P(f"and {more:,} more", cls="note")
        rows = [one["values"] for one in examples if one["table"] == table["name"]]
        if rows:
            yield _examples(table, rows, _fields_of(declaration, table["name"]), reader)


def _examples(table: Row, rows: Sequence[Row], fields: Mapping[str, Field], reader: Reader) -> FT:
    shown = table["fields"][:MOST_COLUMNS]
    head = Tr(*(Th(called(one), scope="col", dir="auto") for one in shown))
    body = [Tr(*(Td(_value(row, one["name"], fields, reader), dir="auto") for one in shown)) for row in rows]
    drawn = Table(Thead(head), Tbody(*body))
    # a table that is wider than the chat is scrolled by itself, also by keyboard
    return Div(drawn, cls="example-rows", tabindex="0", role="group", aria_label="Example rows")


def _value(row: Row, name: str, fields: Mapping[str, Field], reader: Reader) -> Any:
    value = row.get(name)
    return Span("–", cls="none") if value in (None, "") else in_words(value, fields.get(name), reader)


def _fields_of(declaration: Row, name: str) -> Mapping[str, Field]:
    """Return the fields of a table by their names; {} for a declaration that cannot be read."""
    try:
        tables = read(declaration).tables
    except BadValue:
        return {}
    return next((table.all_fields for table in tables if table.name == name), {})
