"""The form in which an app is declared by hand, in pure functions: what it shows, what is sent, what it means."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.own.declaration import read
from apps.shown.view import View
from apps.tables import BadValue, Row
from apps.types.reader import Reader
from web.html.own_app.dialog import own_app_form
from web.html.parts.fragments import html
from web.state.own_app.begun import form_of
from web.state.own_app.changed import changed
from web.state.own_app.declared import declaration_of
from web.state.own_app.faults import input_at, opened_at
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
        views, chosen = table.views, table.views.chosen
        values |= {f"{at}v{key}": getattr(chosen, key) for key in ("group", "date", "by", "sum", "over")}
        values |= {
            f"{at}vsort": chosen.sort.removeprefix("-"),
            f"{at}vsums": list(chosen.sums),
            f"{at}vopens": views.opens,
        }
        values |= {f"{at}vis{kind}": "on" for kind in views.offered}
        values |= {f"{at}vfalling": "on"} if chosen.sort.startswith("-") else {}
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

    assert form.tables[0].views.chosen.sort == "room"
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


def things(*fields: FieldForm, **more: Any) -> AppForm:
    return AppForm(label="Things", tables=(TableForm("a thing", fields=fields, **more),))


NAME = FieldForm("Name")
FAULTS = {
    "t1f1least": AppForm(
        label="Things",
        tables=(
            TableForm(),
            TableForm("a thing", fields=(FieldForm(), FieldForm("Price", type="money", least="much"))),
        ),
    ),
    "t0f1to": things(NAME, FieldForm("Maker", type="link")),
    "t0f1unit": things(NAME, FieldForm("Price", type="money", unit="quid")),
    "t0f0label": things(FieldForm("Bell\a")),
    "t0label": AppForm(label="Things", tables=(TableForm("a thing" * 20, fields=(NAME,)),)),
    "t0together": things(NAME, together="Name, Colour"),
    "t0vopens": things(NAME, views=ViewsForm(opens="board")),
    "t0vsum": things(NAME, FieldForm("Day", type="date"), views=ViewsForm(chosen=View(sum="Name"))),
    "icon": AppForm(label="Things", icon="x" * 21, tables=(TableForm("a thing", fields=(NAME,)),)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_refusal_is_about_an_input_of_the_form(name: str):
    form = FAULTS[name]

    with pytest.raises(BadValue) as refused:
        read(declaration_of(form, None))

    assert input_at(refused.value.field, form) == name
    assert f'name="{name}"' in html(own_app_form(form))


@pytest.mark.parametrize("place", ["", "tables", "tables.7", "tables.0.fields.99.least", "prompt", "tables.0.sortable"])
def test_a_refusal_of_what_the_form_does_not_show_marks_what_is_nearest(place: str):
    assert input_at(place, things(NAME)) in ("", "t0label")


def test_the_part_about_views_is_unfolded_where_something_in_it_is_wrong():
    form = things(NAME, together="Colour")

    opened = opened_at("t0together", form)

    assert opened is not None
    assert opened.tables[0].is_open
    assert opened_at("t0together", opened) is None
    assert opened_at("t0f0label", form) is None


@pytest.mark.parametrize("unit", ["€", "EUR", "eur", "Euro"])
def test_a_currency_is_understood_as_people_write_it(unit: str):
    made = declaration_of(things(NAME, FieldForm("Price", type="money", unit=unit, least="2")), None)

    price = made["tables"][0]["fields"][1]
    assert (price["unit"], price["least"]) == ("EUR", "2 EUR")


def test_a_default_goes_with_its_choice():
    fields = [{"label": "Kind", "choices": ["red", "white"], "default": "red"}]
    said = read({"label": "Wines", "tables": [{"label": "a wine", "fields": fields}]}).json
    form = form_of({"id": 1, "declaration": said})
    (table,) = form.tables
    fewer = replace(form, tables=(replace(table, fields=(replace(table.fields[0], choices="white, rosé"),)),))

    (field,) = read(declaration_of(fewer, said)).json["tables"][0]["fields"]

    assert (field["choices"], "default" in field) == (["white", "rosé"], False)
