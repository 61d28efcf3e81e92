"""The dialog in which an app is declared by hand: its label, its tables, their fields and views."""

from collections.abc import Sequence

from fastcore.xml import FT

from web.html.own_app.fields import field_row
from web.html.own_app.inputs import FORM, NAME, act_button, labelled, text_input
from web.html.own_app.views import views_part
from web.html.parts.dialogs import dialog
from web.html.parts.elements import Button, Div, Fieldset, Footer, Input, Legend, P, command_form, commands
from web.state.own_app.form import MOST_FIELDS, MOST_TABLES, AppForm, TableForm

HOW = "Leave a line empty to do without it. The first required text is the title of a row."
KEPT = "What is removed here keeps its values: you can undo each change."

Targets = Sequence[tuple[str, str]]
"""The tables of other apps to whose rows a field may link: their names, and what people call them."""


def own_app_dialog(form: AppForm, targets: Targets = ()) -> FT:
    """Return the dialog for a new app, or for one that is there."""
    title = f"Change the app “{form.label}”" if form.id else "New app"
    return dialog(NAME, title, P(f"{HOW} {KEPT}" if form.id else HOW, cls="note"), own_app_form(form, targets))


def own_app_form(form: AppForm, targets: Targets = ()) -> FT:
    """Return the form alone. It stays until the store has taken what it says."""
    return command_form(
        "app-save",
        labelled("Name of the app", text_input("label", form.label, required=True, maxlength="100")),
        labelled("Icon", text_input("icon", form.icon, maxlength="20", placeholder="🌱", size="3")),
        tables_part(form, targets),
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


def tables_part(form: AppForm, targets: Targets = ()) -> FT:
    """Return the tables: the part of the form that its buttons draw again."""
    own = [(one.name or one.label, one.label or one.name) for one in form.tables if one.label or one.name]
    known = {name for name, _ in own}
    others = [(name, label) for name, label in targets if name not in known]
    several = len(form.tables) > 1
    return Div(
        *(_table(one, number, [*own, *others], several=several) for number, one in enumerate(form.tables)),
        act_button("Add a table", "add-table", "t0") if len(form.tables) < MOST_TABLES else None,
        id=f"{NAME}-tables",
        cls="own-tables",
    )


def _table(form: TableForm, number: int, targets: Targets, *, several: bool) -> FT:
    place = f"t{number}"
    last = len(form.fields) - 1
    return Fieldset(
        Legend(f"Table {number + 1}" if several else "Its rows"),
        Input(type="hidden", name=f"{place}name", value=form.name),
        labelled(
            "What one row is called", text_input(f"{place}label", form.label, maxlength="100", placeholder="a plant")
        ),
        *(
            field_row(one, f"{place}f{index}", index + 1, targets, is_last=index == last)
            for index, one in enumerate(form.fields)
        ),
        Div(
            act_button("More fields", "add-fields", place) if len(form.fields) < MOST_FIELDS else None,
            act_button("Views …", "views", place, aria_expanded=str(form.is_open).lower()),
            act_button("Remove the table", "remove-table", place) if several else None,
            cls="tools",
        ),
        views_part(form, place),
    )
