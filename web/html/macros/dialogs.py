"""The dialogs that make a macro of changes, ask for its word, and edit its steps."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from fastcore.xml import FT

from apps.core import MACRO
from apps.macro_steps.placeholders import has_placeholder
from apps.macro_steps.running import question_of
from apps.macro_steps.steps import step_in_words
from apps.tables import Field, Row, Table
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    Button,
    Fieldset,
    Footer,
    Input,
    Label,
    Legend,
    Li,
    Ol,
    Option,
    P,
    Select,
    Span,
    TextInput,
    Ul,
    command_form,
)
from web.state.fields import field_title
from web.state.rows.context import RowContext

MAKE = "make-macro"
CHOSEN = "change-"
"""Begin of the name of the box of a change."""
LONGEST_VALUE = 20_000
FINDS = {"id": "this row", "title": "the row with this name"}
PLACEHOLDERS = (
    "{today} stands for the day on which it runs, {word} for a word that is asked for each time: in a text, or in the "
    "name of a row."
)


def make_dialog(changes: Sequence[tuple[Row, str]], chosen: Collection[int], offer: str = "") -> FT:
    """Return the dialog that makes a macro. `changes`: each with its sentence; `chosen`: their revisions.

    `offer`: id of the remark that offered it, "" for none.
    """
    boxes = (Li(_box(change["id"], sentence, checked=change["id"] in chosen)) for change, sentence in changes)
    return dialog(
        MAKE,
        "Make a macro",
        P("Choose what it does. The steps can be edited afterwards."),
        command_form(
            "macro-make",
            Ul(*boxes, cls="choices scrolls", aria_label="Your last changes", tabindex="0"),
            _text("Name", "name", f"{MAKE}-name", "", maxlength="60", required=True, placeholder="Friday shopping"),
            Footer(Button("Make it", type="submit", cls="primary"), cls="tools"),
            values={"message": offer} if offer else {},
            cls="row-form",
            data_stays=True,
        ),
    )


def _box(revision: int, sentence: str, *, checked: bool) -> FT:
    box = Input(type="checkbox", name=f"{CHOSEN}{revision}", checked=checked, id=f"{MAKE}-{revision}")
    return Label(box, Span(sentence, dir="auto"), cls="choice")


def word_dialog(macro: Row) -> FT:
    """Return the dialog that asks for the word of a run."""
    name = name_of(macro)
    return dialog(
        name,
        f"Run “{macro['name']}”",
        command_form(
            "macro-run",
            _text(question_of(macro), "word", f"{name}-word", "", maxlength="200", required=True, autofocus=True),
            Footer(Button("Run", type="submit", cls="primary"), cls="tools"),
            values={"id": macro["id"]},
            cls="row-form",
            data_stays=True,
        ),
    )


def name_of(macro: Row) -> str:
    """Return the id of the dialog of a macro."""
    return f"macro-dialog-{macro['id']}"


def edit_dialog(macro: Row, tables: Mapping[str, Table], context: RowContext) -> FT:
    """Return the dialog that edits a macro: its name, its question, and the values of each step."""
    name = name_of(macro)
    steps = (
        Li(_step(place, step, tables.get(step["table"]), name, context)) for place, step in enumerate(macro["steps"])
    )
    return dialog(
        name,
        "Edit the macro",
        P(PLACEHOLDERS, cls="note"),
        command_form(
            "macro-edit",
            _text("Name", "name", f"{name}-name", macro["name"], maxlength="60", required=True),
            Ol(*steps, cls="macro-steps", aria_label="Steps"),
            _text("Question, where a step has {word}", "ask", f"{name}-ask", macro["ask"], maxlength="100"),
            Footer(Button("Save", type="submit", cls="primary"), cls="tools"),
            values={"table": MACRO.name, "id": macro["id"]},
            cls="row-form",
            data_stays=True,
        ),
    )


def step_key(place: int, name: str) -> str:
    """Return the name of an input of a step. `name`: of a field, or what else the step has."""
    return f"step-{place}-{name}"


def _step(place: int, step: Row, table: Table | None, name: str, context: RowContext) -> FT:
    return Fieldset(
        Legend(step_in_words(step, table, context.reader), dir="auto"),
        *(_row_inputs(place, step, name) if table and table.title_field.kind.is_text else ()),
        *(_value(place, step, one, name, context) for one in _fields(step, table)),
        Label(Input(type="checkbox", name=step_key(place, "drop"), id=f"{name}-{place}-drop"), Span("Leave it out")),
        cls="macro-step",
    )


def _fields(step: Row, table: Table | None) -> list[Field]:
    """Return the fields whose values can be edited as a text; none if the app of the step is not there."""
    fields = table.fields if table else ()
    return [one for one in fields if one.name in step["values"] and not (one.kind.is_link or one.kind.is_any)]


def _row_inputs(place: int, step: Row, name: str) -> Iterator[FT]:
    """Yield which row a step changes: the same one, or the one with a name."""
    row = step.get("row")
    if not row:
        return
    options = (Option(words, value=value, selected=value == row["find"]) for value, words in FINDS.items())
    key = f"{name}-{place}"
    yield Label(Span("It is about"), Select(*options, name=step_key(place, "find"), id=f"{key}-find"), cls="field")
    yield _text("Its name", step_key(place, "title"), f"{key}-title", row["title"], maxlength=str(LONGEST_VALUE))


def _value(place: int, step: Row, one: Field, name: str, context: RowContext) -> FT:
    text = text_of(one, step["values"][one.name], context)
    return _text(field_title(one), step_key(place, f"value-{one.name}"), f"{name}-{place}-{one.name}", text)


def text_of(one: Field, value: Any, context: RowContext) -> str:
    """Return a value as the editor shows it; a text with a placeholder as it is."""
    if value is None:
        return ""
    if isinstance(value, str) and (one.kind.is_text or has_placeholder(value)):
        return value
    return one.kind.in_words(value, context.reader)


def _text(label: str, name: str, key: str, value: str, **attributes: object) -> FT:
    control = TextInput(name=name, id=key, value=value, autocomplete="off", **attributes)
    return Label(Span(label), control, cls="field")
