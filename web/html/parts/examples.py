"""What an empty list and an empty conversation offer for a first click: rows to add, sentences to say."""

import reprlib
from collections.abc import Sequence

from fastcore.xml import FT

from apps.core import CORE
from apps.registry import App
from apps.tables import BadValue, Row, Table
from apps.views import Examples
from web.html.parts.elements import Button, Div, P, commands
from web.state.fields import noun
from web.state.page_view import PageView, model_named

SHOWN = 3
"""Examples that are shown at once."""
LONGEST_SENTENCE = 100
"""Characters of a sentence."""
ORDINALS = ("First", "Second", "Third")
QUESTIONS = ("What is this page for?", "What can you do?", "What jobs are there?")
"""What can be asked in every app, also where the assistant can change nothing."""


def examples_of(app: App) -> Examples:
    """Return the examples that an app declares; what it leaves out is made from its first table."""
    if not app.tables:
        return Examples()
    table = app.tables[0]
    said: Examples = app.call("examples", Examples, Examples(), lambda made: _sound(made, table))
    rows = said.rows or _made_rows(table)
    return Examples(rows, said.sentences or _made_sentences(table, rows))


def _sound(said: Examples, table: Table) -> Examples:
    """Return the examples of an app, or raise an error that says what is wrong with one."""
    for row in said.rows:
        for name, value in row.items():
            if name not in table.all_fields:
                raise BadValue("unknown_field", f"the example {reprlib.repr(row):.80} has no field of {table.name}.")
            table.all_fields[name].checked(value)
    for text in said.sentences:
        if type(text) is not str or not 0 < len(text.strip()) <= LONGEST_SENTENCE:
            expected = f"Expected a sentence of 1 to {LONGEST_SENTENCE} characters"
            raise BadValue("bad_value", f"{reprlib.repr(text):.80} is one of the examples. {expected}.")
    return Examples(tuple(said.rows), tuple(said.sentences))


def _made_rows(table: Table) -> tuple[Row, ...]:
    """Return rows that have only a title; none where a row needs more, or where the user makes none."""
    title = table.title_field
    needs_more = any(one.required and one.default is None for one in table.fields if one is not title)
    if needs_more or not title.kind.is_text or title.choices or table in CORE or table.made_by_jobs or table.keyed:
        return ()
    return tuple({title.name: f"{ordinal} {noun(table)}"} for ordinal in ORDINALS)


def _made_sentences(table: Table, rows: Sequence[Row]) -> tuple[str, ...]:
    """Return sentences that lead to the same rows, and a question; without rows, questions."""
    if len(rows) < SHOWN:
        return QUESTIONS
    first, second, third = (row.get(table.title_field.name, "") for row in rows[:SHOWN])
    return (f"Add “{first}”", f"Add “{second}” and “{third}”", "What is on the list?")


def row_examples(table: Table, examples: Examples) -> FT | None:
    """Return the buttons of an empty list: each adds a row, without the assistant. None for no examples."""
    title = table.title_field.name
    buttons = [
        Button(str(row.get(title, "")), type="button", **commands("insert", table=table.name, **row))
        for row in examples.rows[:SHOWN]
    ]
    return Div(P("Add one of these:"), *buttons, cls="examples") if buttons else None


def sentence_examples(view: PageView) -> FT:
    """Return the buttons of an empty conversation: each says something to the assistant that it can answer or do.

    There are none while nothing is known of who answers.
    """
    buttons = [Button(text, type="button", **commands("say", text=text)) for text in _sayable(view)]
    return Div(*buttons, id="sentence-examples", cls="examples", hidden=not buttons)


def _sayable(view: PageView) -> Sequence[str]:
    """Return the sentences for the model in use: for one that only talks, none that orders something."""
    if view.models is None:
        return ()
    model = model_named(view.models, view.model) or {}
    if model.get("plays", True):
        return view.examples.sentences[:SHOWN]
    asked = (text for text in view.examples.sentences if text.endswith("?"))
    return tuple(dict.fromkeys((*asked, *QUESTIONS)))[:SHOWN]
