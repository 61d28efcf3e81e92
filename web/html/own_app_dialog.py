"""The dialog in which an app is declared by hand: its label, its tables, their fields."""

from fastcore.xml import FT

from apps.types import FIELD_TYPES
from web.html.parts.dialogs import dialog
from web.html.parts.elements import (
    Button,
    Fieldset,
    Footer,
    Input,
    Label,
    Legend,
    Option,
    P,
    Select,
    Span,
    TextInput,
    command_form,
    commands,
)
from web.state.own_app import TYPE_LABELS, AppForm, FieldForm, TableForm

NAME = "own-app"
FORM = f"{NAME}-form"
HOW = "Leave a line empty to do without it. The first required text is the title of a row."
KEPT = "What is removed here keeps its values: you can undo each change."


def own_app_dialog(form: AppForm) -> FT:
    """Return the dialog for a new app, or for one that is there."""
    title = f"Change the app “{form.label}”" if form.id else "New app"
    return dialog(NAME, title, P(f"{HOW} {KEPT}" if form.id else HOW, cls="note"), own_app_form(form))


def own_app_form(form: AppForm) -> FT:
    """Return the form alone. It stays until the store has taken what it says."""
    tables = [_table(one, number, several=len(form.tables) > 1) for number, one in enumerate(form.tables)]
    return command_form(
        "app-save",
        _labelled("Name of the app", _input("label", form.label, required=True, maxlength="100")),
        _labelled("Icon", _input("icon", form.icon, maxlength="20", placeholder="🌱", size="3")),
        *tables,
        Footer(
            Button("Save" if form.id else "Make the app", type="submit", cls="primary"),
            Button("Remove the app", type="button", cls="danger", **commands("app-remove", id=form.id))
            if form.id and not form.card
            else None,
            Button("Cancel", type="button", data_close=True),
            cls="tools",
        ),
        values={"id": form.id, "card": form.card},
        id=FORM,
        cls="own-app",
        data_stays=True,
    )


def _table(form: TableForm, number: int, *, several: bool) -> FT:
    place = f"t{number}"
    return Fieldset(
        Legend(f"Table {number + 1}" if several else "Its rows"),
        Input(type="hidden", name=f"{place}name", value=form.name),
        _labelled(
            "What one row is called", _input(f"{place}label", form.label, maxlength="100", placeholder="a plant")
        ),
        *(_field(one, f"{place}f{index}", index + 1) for index, one in enumerate(form.fields)),
    )


def _field(form: FieldForm, place: str, number: int) -> FT:
    # the form does not ask where a link leads: only a declaration in words can say it
    offered = [name for name, kind in FIELD_TYPES.items() if not kind.is_link or name == form.type]
    options = [Option(TYPE_LABELS.get(name, name), value=name, selected=name == form.type) for name in offered]
    return Fieldset(
        Input(type="hidden", name=f"{place}name", value=form.name),
        _input(
            f"{place}label",
            form.label,
            aria_label=f"Name of field {number}",
            maxlength="100",
            placeholder="Name of a field",
        ),
        Select(*options, name=f"{place}type", id=f"{NAME}-{place}type", aria_label=f"Type of field {number}"),
        Label(
            Input(type="checkbox", name=f"{place}required", id=f"{NAME}-{place}required", checked=form.required),
            Span("required"),
        ),
        _input(
            f"{place}choices",
            form.choices,
            aria_label=f"Choices of field {number}, with commas between them",
            placeholder="choices, with commas",
        ),
        cls="own-field",
        aria_label=f"Field {number}",
    )


def _labelled(label: str, field: FT) -> FT:
    return Label(Span(label), field, cls="field")


def _input(name: str, value: str, **attributes: object) -> FT:
    return TextInput(name=name, value=value, id=f"{NAME}-{name}", autocomplete="off", **attributes)
