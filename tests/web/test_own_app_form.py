"""The form in which an app is declared by hand, in pure functions: what it shows, what is sent, what it means."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.own.declaration import read
from apps.tables import BadValue, Row
from apps.types.reader import Reader
from web.html.own_app.dialog import own_app_form
from web.html.parts.fragments import html
from web.state.own_app.begun import form_of
from web.state.own_app.changed import changed
from web.state.own_app.declared import declaration_of
from web.state.own_app.form import AppForm, FieldForm, TableForm, ViewsForm, new_form
from web.state.own_app.sent import from_values

GERMAN = Reader("de-DE")

FIELDS: tuple[Row, ...] = (
    {"label": "Price", "type": "money", "unit": "EUR", "least": "0.50 EUR", "most": "1000 EUR"},
    {"label": "Größe", "type": "real", "unit": "cm", "least": 0, "most": 2.5, "none": True},
    {"label": "Kind", "choices": ["red", "white"], "default": "red"},
    {"label": "Bought", "type": "date", "least": "2020-01-01"},
    {"label": "Made by", "type": "link", "to": "maker", "several": True},
    {"label": "Note", "type": "markdown", "limit": 5_000},
    {"label": "Lasts", "type": "duration", "most": 5400},
    {"label": "Done", "type": "boolean"},
)
VIEWS: tuple[Row, ...] = (
    {"views": [{"kind": "table", "sort": "-name", "columns": ["name"], "label": "By name"}], "opens": "table"},
    {"offers": ["list", "table"]},
    {"unique": [["name"]]},
    {"title": "name"},
    {"plural": "things", "sortable": False},
)


@st.composite
def declarations(draw: st.DrawFn) -> Row:
    fields = draw(st.lists(st.sampled_from(FIELDS), unique_by=lambda one: one["label"], max_size=8))
    more: Row = {}
    for one in draw(st.lists(st.sampled_from(VIEWS), max_size=4)):
        more |= one
    table = {"label": "a thing", "fields": [{"label": "Name", "required": True}, *fields], **more}
    second = {"label": "a maker", "name": "maker", "fields": [{"label": "Name"}]}
    return read({"label": "Things", "prompt": "Be kind.", "tables": [table, second]}).json


def sent_by(form: AppForm) -> dict[str, Any]:
    """Return what a page sends of a form that nobody has changed."""
    values: dict[str, Any] = {"id": str(form.id), "label": form.label, "icon": form.icon}
    for number, table in enumerate(form.tables):
        at = f"t{number}"
        values |= {f"{at}label": table.label, f"{at}name": table.name, f"{at}together": table.together}
        values |= {f"{at}title": table.title}
        views = table.views
        values |= {f"{at}v{key}": getattr(views, key) for key in ("opens", "group", "date", "by", "sum", "over")}
        values |= {f"{at}vsort": views.sort.removeprefix("-"), f"{at}vsums": list(views.sums)}
        values |= {f"{at}vis{kind}": "on" for kind in views.offered}
        values |= {f"{at}vfalling": "on"} if views.sort.startswith("-") else {}
        for index, field in enumerate(table.fields):
            place = f"{at}f{index}"
            texts = ("label", "name", "type", "choices", "unit", "least", "most", "to")
            values |= {f"{place}{key}": getattr(field, key) for key in texts}
            values |= {f"{place}{key}": "on" for key in ("required", "unique", "several") if getattr(field, key)}
    return values


@settings(max_examples=60, deadline=None)
@given(said=declarations(), reader=st.sampled_from([Reader("en"), GERMAN, Reader("fr")]))
def test_a_form_that_is_saved_as_it_came_changes_nothing(said: Row, reader: Reader):
    form = form_of({"id": 3, "declaration": said}, reader)
    drawn = html(own_app_form(form, [("person", "people")]))

    made = declaration_of(from_values(sent_by(form)), said, reader)

    assert read(made).json == said
    assert "Things" in drawn


def test_the_limits_of_a_field_are_read_as_their_reader_writes_them():
    fields = (FieldForm("Name"), FieldForm("Price", type="money", unit="EUR", least="0,50", most="1.000,25 €"))
    form = AppForm(label="Things", tables=(TableForm("a thing", fields=fields),))

    made = declaration_of(form, None, GERMAN)

    price = made["tables"][0]["fields"][1]
    assert (price["least"], price["most"]) == ("0.50 EUR", "1000.25 EUR")


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (FieldForm("Price", type="money", least="much"), "`Least of Price` is 'much'."),
        (FieldForm("Days", type="integer", most="x"), "`Most of Days` is 'x'."),
        (FieldForm("Maker", type="link"), "“Maker” is a link. Choose the table to whose rows it leads."),
    ],
)
def test_a_field_that_cannot_be_is_refused_with_a_sentence(field: FieldForm, sentence: str):
    with pytest.raises(BadValue) as refused:
        declaration_of(AppForm(label="Things", tables=(TableForm("a thing", fields=(field,)),)), None)

    assert sentence in str(refused.value)


def test_a_name_goes_before_the_label_of_another_field():
    fields = [{"name": "name", "label": "Name"}, {"name": "room", "label": "Place"}, {"name": "x", "label": "room"}]
    views = [{"kind": "table", "sort": "room"}]
    said = read({"label": "Things", "tables": [{"name": "thing", "fields": fields, "views": views}]}).json

    form = form_of({"id": 1, "declaration": said})

    assert form.tables[0].views.sort == "room"
    assert declaration_of(form, said)["tables"][0]["views"] == views


def test_options_of_another_type_are_left_out():
    field = FieldForm("Day", type="date", choices="red, white", unit="km", to="maker", several=True)

    made = declaration_of(AppForm(label="Things", tables=(TableForm("a thing", fields=(field,)),)), None)

    assert made["tables"][0]["fields"] == [{"label": "Day", "type": "date"}]


def test_a_link_leads_to_a_table_that_is_made_with_it():
    link = FieldForm("Maker", type="link", to="a maker")
    tables = (
        TableForm("a wine", fields=(FieldForm("Name"), link)),
        TableForm("a maker", fields=(FieldForm("Name"),)),
    )

    made = read(declaration_of(AppForm(label="Cellar", tables=tables), None), ("maker",))

    assert made.tables[1].name == "maker_2"
    assert made.tables[0].all_fields["maker"].to == "maker_2"


def test_a_view_that_was_chosen_and_does_not_fit_is_refused_and_one_from_before_goes():
    said = read({"label": "Trips", "tables": [{"label": "a trip", "opens": "calendar",
        "fields": [{"label": "Name"}, {"label": "Day", "type": "date"}]}]}).json  # fmt: skip
    form = form_of({"id": 1, "declaration": said})
    without_day = changed(form, "remove-field", "t0f1")

    assert without_day is not None
    assert "opens" not in declaration_of(without_day, said)["tables"][0]
    chosen = TableForm("a trip", "", (FieldForm("Name"),), views=ViewsForm(opens="board"))
    with pytest.raises(BadValue, match="it opens with 'board'"):
        read(declaration_of(AppForm(label="Trips", tables=(chosen,)), None))


def test_buttons_move_add_and_remove_fields_and_tables():
    form = new_form()
    names = ("Name", "Day", "Room")
    fields = tuple(map(FieldForm, names))
    form = AppForm(label="Things", tables=(TableForm("a thing", fields=fields),))

    def labels(made: AppForm | None) -> list[str]:
        return [one.label for one in made.tables[0].fields] if made else []

    assert labels(changed(form, "up", "t0f2")) == ["Name", "Room", "Day"]
    assert labels(changed(form, "down", "t0f0")) == ["Day", "Name", "Room"]
    assert labels(changed(form, "up", "t0f0")) == ["Name", "Day", "Room"]
    assert labels(changed(form, "remove-field", "t0f1")) == ["Name", "Room"]
    assert labels(changed(form, "add-fields", "t0"))[:4] == ["Name", "Day", "Room", ""]
    more = changed(form, "add-table", "t0")
    assert more is not None
    assert len(more.tables) == 2
    assert changed(more, "remove-table", "t1") == form
    assert changed(form, "fly", "t0") is None
    assert changed(form, "up", "t7f0") is None
    assert changed(form, "up", "x") is None
