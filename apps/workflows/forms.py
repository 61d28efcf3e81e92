"""The form of the current step."""

from collections.abc import Sequence
from typing import Any

from fastcore.xml import (
    FT,
    Button,
    Div,
    Fieldset,
    Form,
    Input,
    Label,
    Legend,
    Li,
    Option,
    P,
    Select,
    Span,
    Textarea,
    Ul,
)

from apps.tables import Field, Row
from apps.views import commands
from apps.work.runs import in_list
from apps.work.workflows import Rows, Step
from apps.workflows.reading import Page

ONE_LINE = 300
"""Characters. A text that may be longer has a field of several lines."""
NUMBERS = {"integer": "1", "real": "any"}
"""Types that are written as a number, with the `step` of their input."""
OFF = (False, "", None, "no", "false", "off")


def of_run(page: Page, do: str, **values: object) -> dict[str, object]:
    """Return the attributes with which an element sends a command about the run as it is shown."""
    run = page.run or {}
    return commands(do, run=run["id"], turn=run["turn"], step=run["step"], **values)


def step_form(page: Page, step: Step, contents: Sequence[object], submit: str) -> FT:
    """Return the form of the current step. `submit`: the words of the button that finishes it."""
    run = page.run or {}
    return Form(
        *contents,
        Div(Button(submit, type="submit", cls="primary", id="run-next"), cls="run-buttons"),
        **of_run(page, "workflow-submit"),
        id=f"run-form-{run['id']}-{run['turn']}",
        cls="run-form",
        data_run=run["id"],
        data_stays=True,
        aria_labelledby="run-step",
    )


def labelled(page: Page, one: Field, begins: Any = "") -> FT:
    """Return a field with its label, and what the assistant proposes for it. `begins`: its value at first."""
    run = page.run or {}
    drafted, proposed = run["draft"].get(one.name), run["proposed"].get(one.name)
    is_placed = proposed is not None and drafted in (None, "")
    value = proposed if is_placed else begins if drafted is None else drafted
    name = f"run-{run['id']}-{run['step']}-{one.name}"
    return Div(
        Label(title_of(one), fr=name),
        control(one, name, value),
        Input(type="hidden", name="placed", value=one.name) if is_placed else None,
        P("The assistant proposes this. Edit it as you like.", cls="hint") if is_placed else None,
        offer(page, one, proposed) if proposed is not None and not is_placed and proposed != drafted else None,
        cls="run-field",
        data_placed=True if is_placed else None,
    )


def title_of(one: Field) -> str:
    """Return the name of a field for people."""
    may_be_empty = not one.required and not one.choices and one.kind.is_text
    return one.heading + (" (if you like)" if may_be_empty else "")


def control(one: Field, name: str, value: Any) -> FT:
    """Return the input of a field."""
    common: dict[str, Any] = {"name": f"field-{one.name}", "id": name, "required": one.required or None}
    common["autocomplete"] = "off"  # after a reload, what the run holds stands in the field
    if one.choices:
        return Select(*(Option(choice, selected=choice == value) for choice in one.choices), **common)
    if one.kind.is_switch:
        return Input(type="checkbox", **common | {"required": None}, checked=value not in OFF)
    text = "" if value is None else str(value)
    if one.type in NUMBERS:
        return Input(type="number", step=NUMBERS[one.type], value=text, **common)
    if one.limit <= ONE_LINE:
        return Input(type="text", value=text, maxlength=one.limit, dir="auto", **common)
    return Textarea(text, rows=5, maxlength=one.limit, dir="auto", **common)


def offer(page: Page, one: Field, proposed: Any) -> FT:
    """Return what the assistant proposes for a field that has something already: the user decides."""
    return Div(
        P("The assistant proposes instead:"),
        P(str(proposed), cls="run-proposed", dir="auto"),
        Button("Use this", type="button", id=f"take-{one.name}", **of_run(page, "workflow-take", field=one.name)),
        Button("Keep mine", type="button", id=f"drop-{one.name}", **of_run(page, "workflow-drop", field=one.name)),
        cls="run-offer",
        role="group",
        aria_label=f"What the assistant proposes for {title_of(one)}",
    )


# --- rows ---


def rows_to_choose(page: Page, rows: Rows) -> tuple[object, ...]:
    """Return the rows as a list of boxes, and a field for new ones."""
    run = page.run or {}
    draft: Row = run["draft"]
    words = f"At most {rows.most}" if rows.most else "Choose"
    boxes = [box(run, row, is_chosen(row, rows, draft)) for row in page.offered]
    return (
        Fieldset(Legend(words, cls="hidden"), Ul(*boxes, cls="run-rows", aria_label=words), id="run-rows"),
        P("There is nothing to choose from." if not rows.adds else "Nothing is open. Write it below.", cls="empty")
        if not boxes
        else None,
        P(f"{page.more_rows:,} more are not shown.", cls="hint") if page.more_rows else None,
        new_rows(run, draft) if rows.adds else None,
    )


def is_chosen(row: Row, rows: Rows, draft: Row) -> bool:
    """Return whether a row is chosen: as in the draft, else as the declaration says."""
    if "rows" not in draft:
        return rows.chosen
    return str(row["id"]) in map(str, in_list(draft["rows"])) or row["title"] in in_list(draft.get("titles"))


def box(run: Row, row: Row, chosen: bool) -> FT:
    """Return a row with its box."""
    name = f"run-{run['id']}-{run['step']}-row-{row['id']}"
    ticked = Input(
        type="checkbox", name="field-rows", value=str(row["id"]), id=name, checked=chosen, autocomplete="off"
    )
    return Li(Label(ticked, Span(row["title"], dir="auto")))


def new_rows(run: Row, draft: Row) -> FT:
    """Return the field for new rows, one a line."""
    name = f"run-{run['id']}-{run['step']}-new"
    text = Textarea(
        str(draft.get("new", "")), name="field-new", id=name, rows=3, maxlength=5_000, dir="auto", autocomplete="off"
    )
    return Div(Label("New ones, one a line", fr=name), text, cls="run-field")
