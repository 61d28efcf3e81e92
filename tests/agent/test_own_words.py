"""An app by saying so, in pure functions: which words ask for one, and what a loose declaration or change means."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.own.declaration import read
from apps.own.words import differences
from apps.tables import BadValue, Field, Table
from services.agent.own.amended import changes_it
from services.agent.own.asking import MAKE_SEVERAL_EXAMPLE, asked_in, change_schema, make_schema
from services.agent.own.declare import declared, field_of, fields_of
from services.agent.own.examples import example_rows
from services.agent.own.hints import choices_behind, with_hints
from services.agent.own.kinds import from_label, from_words
from services.agent.own.language import language_of
from services.agent.own.losses import losses
from services.agent.own.named import with_listed, with_named
from services.agent.own.reshape import changed
from services.agent.own.wanted import wanted_in

Row = dict[str, Any]

# --- which words ask for it ---


@pytest.mark.parametrize(
    "words",
    [
        "make me an app for my plants: name, room, water every so many days",
        "weight and blood pressure every morning, can you make an app for that?",
        "I'd like an app for my contacts",
        "could you create a small plants app?",
        "an app for my wines: name, year",
        "create a tracker for my medication: name, dose, time",
        "Mach mir eine App für meine Bücher: Titel, Autor, gelesen",
        "Kannst du mir eine App für Ausgaben bauen?",
        "Ich brauche eine Pflanzen-App",
        "Crée-moi une appli pour mes vins : nom, année, prix",
        "j'aimerais une application pour suivre mes dépenses",
        "Hazme una app para mis recetas: nombre, tiempo, ingredientes",
        "necesito una aplicación para mis gastos",
    ],
)
def test_words_ask_for_a_new_app(words: str):
    assert wanted_in(words) == "make"


@pytest.mark.parametrize(
    "words",
    [
        "Add a field for the last repotting",
        "rename the column room to place",
        "make the field price a number",
        "I need another column: price",
        "rename the app to My green friends",
        "Füge ein Feld für das letzte Umtopfen hinzu",
        "Benenne das Feld Zimmer in Raum um",
        "ajoute un champ pour le prix",
        "supprime le champ année",
        "añade un campo para la fecha",
        "cambia el nombre del campo Minutos a Tiempo",
    ],
)
def test_words_ask_for_a_change_of_an_app(words: str):
    assert wanted_in(words) == "change"


@pytest.mark.parametrize(
    "words",
    [
        "add milk",
        "open the todo app",
        "what apps are there?",
        "what is an app?",
        "add: make an app for the client",
        "remind me to make an app",
        "I am happy with the app",
        "make milk appear first",
        "make a list for tomorrow",
        "delete the app",
        "she said “make me an app”",
        "add corn field",
        "rename milk to oat milk",
        "don't make an app",
        "füge Milch hinzu",
        "ajoute du lait",
        "añade leche",
        "",
        "app " * 3_000,
        "add the " * 3_000,
    ],
)
def test_other_words_ask_for_no_app(words: str):
    assert wanted_in(words) == ""


def test_a_change_is_about_the_app_that_is_named_else_about_the_open_one():
    plants = {"name": "my_plants", "label": "My plants", "declaration": plants_declaration()}
    books = {"name": "books", "label": "Books", "declaration": {**plants_declaration(), "name": "books"}}
    words = "add a field for the price"

    asked = [asked_in(said, [plants, books], "books") for said in (words, f"{words} to my plants")]

    assert [one.form["properties"]["app"]["enum"] for one in asked if one] == [["books"], ["my_plants"]]
    assert asked_in(words, [plants], "todo") is None
    assert asked_in("add milk", [plants], "my_plants") is None


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("make me an app for my plants", "English"),
        ("Mach mir eine App für meine Bücher", "German"),
        ("fais-moi une appli pour le potager", "French"),
        ("Hazme una app para mis recetas", "Spanish"),
        ("app 123", ""),
    ],
)
def test_the_language_of_a_wish_is_told(words: str, language: str):
    assert language_of(words) == language


# --- types ---


@pytest.mark.parametrize(
    ("words", "kind", "unit"),
    [
        ("text", "text", ""),
        ("Datum", "date", ""),
        ("number of days", "integer", "days"),
        ("yes/no", "boolean", ""),
        ("Ja/Nein", "boolean", ""),
        ("oui/non", "boolean", ""),
        ("sí/no", "boolean", ""),
        ("money", "money", ""),
        ("price in euro", "money", "EUR"),
        ("date and time", "moment", ""),
        ("fecha y hora", "moment", ""),
        ("long text", "markdown", ""),
        ("whole number", "integer", ""),
        ("nombre entier", "integer", ""),
        ("Zahl", "real", ""),
        ("varchar", "text", ""),
        ("e-mail", "mail", ""),
        ("durée", "duration", ""),
    ],
)
def test_words_for_a_type_are_read_in_four_languages(words: str, kind: str, unit: str):
    meant = from_words(words)

    assert meant is not None
    assert (meant.type, meant.unit) == (kind, unit)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Last watered", "date"),
        ("Bought on", "date"),
        ("Gekauft am", "date"),
        ("Semé le", "date"),
        ("Fällig", "date"),
        ("Cumpleaños", "date"),
        ("Preis", "money"),
        ("Bezahlt", "boolean"),
        ("Seiten", "integer"),
        ("Gewicht", "real"),
        ("Dauer", "duration"),
        ("Correo", "mail"),
        ("Notizen", "markdown"),
    ],
)
def test_the_label_says_the_type_where_none_is_given(label: str, kind: str):
    assert (field_of(label) or {})["type"] == kind


@pytest.mark.parametrize("label", ["Last name", "Room", "Autor", "Nachname"])
def test_other_labels_mean_a_text(label: str):
    assert from_label(label) is None


NAMED = ["Name", "Kilometres"]

# --- a loose declaration ---


@pytest.mark.parametrize(
    "said",
    [
        {"label": "Plants", "fields": ["name", "room", "water every so many days"]},
        {"title": "Plants", "columns": ["name: text", "room (text)", "water every (days)"]},
        {"name": "Plants", "fields": {"name": "string", "room": "string", "water every": "number of days"}},
        {
            "label": "Plants",
            "tables": [{"row": "a plant", "fields": [{"name": "name"}, {"room": "text"}, "water_every"]}],
        },
        {"label": "Plants", "tables": {"plant": {"name": "text", "room": "text", "water every": {"type": "int"}}}},
        {"declaration": {"label": "Plants", "fields": ["name", "room", {"field": "water every", "type": "integer"}]}},
    ],
)
def test_a_declaration_is_read_as_small_models_write_it(said: Row):
    made = declared(said).declaration

    read(made)
    assert made["label"] == "Plants"
    assert [one["label"] for one in made["tables"][0]["fields"]] == ["Name", "Room", "Water every"]
    assert [one["type"] for one in made["tables"][0]["fields"]] == ["text", "text", "integer"]
    assert made["tables"][0]["fields"][0]["required"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"fields": ["name"]}, "The app has no `label`"),
        ({"label": "Plants"}, "The app has no `fields`"),
        ({"label": "Plants", "fields": []}, "The app has no `fields`"),
        ({"label": "Plants", "fields": [3, None, {}]}, "The app has no `fields`"),
        ({"label": "Plants", "tables": [{"row": "a plant"}]}, "The app has no `fields`"),
    ],
)
def test_a_declaration_that_says_too_little_is_refused_with_a_sentence(said: Row, problem: str):
    with pytest.raises(BadValue, match=problem):
        declared(said)


def test_choices_make_a_text_and_yes_or_no_makes_a_switch():
    fields = fields_of(
        [
            {"label": "Colour", "type": "choice", "choices": ["red", "white"]},
            {"label": "Size", "type": "enum", "options": "S, M, L"},
            {"label": "Vegan", "type": "choice", "choices": ["yes", "no"]},
        ]
    )

    assert [(one["type"], one.get("choices")) for one in fields] == [
        ("text", ["red", "white"]),
        ("text", ["S", "M", "L"]),
        ("boolean", None),
    ]


def test_the_users_words_decide_where_a_small_model_is_wrong():
    said = {
        "label": "Lent",
        "fields": [
            {"label": "Thing", "type": "text"},
            {"label": "Came back", "type": "date"},
            {"label": "Worth", "type": "number"},
            {"label": "Friend", "type": "choice", "choices": ["Anna", "Ben"]},
        ],
    }

    made = with_hints(
        declared(said).declaration, "an app for what I lend: thing, worth in euros, friend, if it came back"
    )

    fields = made["tables"][0]["fields"]
    assert [(one["type"], one.get("unit"), one.get("choices")) for one in fields] == [
        ("text", None, None),
        ("boolean", None, None),
        ("money", "EUR", None),
        ("text", None, None),
    ]


@pytest.mark.parametrize(
    ("words", "labels", "made"),
    [
        ("an app for my runs with date, kilometres and how long it took", ["Name", "Kilometres"], [*NAMED, "Date"]),
        (
            "Mach mir eine App für Bücher: Titel, Autor, Seiten",
            ["Title", "Author", "Pages"],
            ["Titel", "Autor", "Seiten"],
        ),
        ("make an app for wines: name, year, shelf", ["Name", "Year"], ["Name", "Year", "Shelf"]),
        ("weight every morning, make me an app", ["Weight"], ["Weight", "Date"]),
        ("app: name, food or fun, a very long part of it", ["Name", "Kind"], ["Name", "Kind"]),
        ("make an app for my plants", ["Name"], ["Name"]),
    ],
)
def test_what_the_user_has_listed_is_called_so_and_not_left_out(words: str, labels: list[str], made: list[str]):
    fields = with_named([{"label": one, "type": "text"} for one in labels], words)

    assert [one["label"] for one in fields] == made


@pytest.mark.parametrize(
    ("label", "words", "choices"),
    [
        ("Colour", "an app for wines: name, colour (red, white or rosé), year", ["red", "white", "rosé"]),
        ("Dificultad", "añade un campo dificultad con fácil, media o difícil", ["fácil", "media", "difícil"]),
        ("Größe", "Füge ein Feld Größe mit klein oder groß hinzu", ["klein", "groß"]),
        ("Name", "an app: name, room or place", []),
        ("Room", "an app: name, room", []),
        ("Price", "an app: name, room", []),
    ],
)
def test_choices_that_are_listed_behind_a_field_are_its_choices(label: str, words: str, choices: list[str]):
    assert choices_behind(label, words) == choices


def test_a_model_that_writes_no_fields_gets_those_that_were_listed():
    words = "make me an app for my plants: name, room, and when I watered them"

    assert with_listed({"label": "Plants"}, words)["fields"] == ["name", "room", "when I watered them"]
    assert with_listed({"label": "Plants", "fields": ["name"]}, words)["fields"] == ["name"]
    assert with_listed({"label": "Plants"}, "make me an app") == {"label": "Plants"}


def test_example_rows_keep_what_fits_and_are_completed():
    table = Table(
        "plant",
        (
            Field("name", required=True),
            Field("every", "integer"),
            Field("when", "date"),
            Field("kind", choices=("a", "b")),
        ),
        label="a plant",
    )

    rows = example_rows(table, [["Fern", "7 days", "no day", "B"], {"name": "Ivy", "Every": 3}, ["", 1]])

    assert rows[:2] == [{"name": "Fern", "every": 7, "kind": "b"}, {"name": "Ivy", "every": 3}]
    assert (rows[2]["name"], rows[2]["kind"]) == ("Plant 1", "a")


# --- a change ---


def plants_declaration() -> Row:
    fields = [
        {"label": "Name", "required": True},
        {"label": "Room"},
        {"label": "Price", "type": "text"},
    ]
    return read({"label": "My plants", "tables": [{"label": "a plant", "fields": fields}]}).json


@pytest.mark.parametrize(
    "said",
    [
        {"changes": [{"do": "add", "field": "Last repotted", "type": "date"}]},
        {"changes": [{"do": "add", "label": "Last repotted"}]},
        {"add": [{"label": "Last repotted", "type": "Datum"}]},
        {"add": "Last repotted"},
        {"add": {"Last repotted": "date"}},
        {"add_field": {"name": "Last repotted", "type": "day"}},
        {"change": {"action": "add_field", "field": {"label": "Last repotted", "type": "date"}}},
    ],
)
def test_a_field_is_added_however_it_is_written(said: Row):
    made = changed(plants_declaration(), said)

    assert made["tables"][0]["fields"][-1] == {"label": "Last repotted", "type": "date"}


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ({"rename": {"room": "Place"}}, "call “Room” “Place”"),
        ({"rename": [{"from": "room", "to": "Place"}]}, "call “Room” “Place”"),
        ({"changes": [{"do": "rename", "field": "ROOM", "to": "Place"}]}, "call “Room” “Place”"),
        ({"remove": ["room"]}, "remove “Room”"),
        ({"changes": [{"do": "delete", "field": "room"}]}, "remove “Room”"),
        ({"retype": {"price": "money in euro"}}, "make “Price” a field of another type (text → money, EUR)"),
        (
            {"changes": [{"do": "retype", "field": "Room", "type": "choice", "choices": ["bath", "hall"]}]},
            "make “Room” a field of another type (text → one of bath, hall)",
        ),
        ({"label": "Green friends"}, "call it “Green friends”"),
        ({"icon": "🌱"}, "give it the icon 🌱"),
        ({"add_table": {"row": "a visit", "fields": ["day", "note"]}}, "add the table “a visit” (Day, Note)"),
    ],
)
def test_a_change_is_told_in_words(said: Row, phrase: str):
    before = plants_declaration()

    after = read(changed(before, said)).json

    assert differences(before, after) == [phrase]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({}, "changes nothing"),
        ({"remove": ["colour"]}, "There is no field 'colour'. There are: Name, Room, Price."),
        ({"add": ["Room"]}, "There is a field “Room” already"),
        ({"rename": {"room": "price"}}, "There is a field “price” already"),
        ({"rename": {"room": ""}}, "The new name of “Room” is missing"),
        ({"retype": {"room": "banana"}}, "The new type of “Room” is 'banana'"),
        ({"rename": {"room": "Room"}}, "like that already"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_a_sentence(said: Row, problem: str):
    with pytest.raises(BadValue, match=problem):
        changed(plants_declaration(), said)


def test_views_and_all_that_a_change_does_not_name_stay_and_a_view_goes_with_its_field():
    before = read(changed(plants_declaration(), {"add": {"Due": "date"}})).json
    before["tables"][0] |= {"views": [{"kind": "calendar", "date": "due"}], "title": "room", "sortable": False}

    more = read(changed(before, {"add": "Price paid"})).json["tables"][0]
    less = read(changed(before, {"remove": ["due", "room"]})).json["tables"][0]

    assert [more[key] for key in ("views", "title", "sortable")] == [
        [{"kind": "calendar", "date": "due"}],
        "room",
        False,
    ]
    assert more["fields"][:4] == before["tables"][0]["fields"]
    assert not less.get("views")
    assert "title" not in less


def test_values_that_go_out_of_sight_or_do_not_fit_are_told():
    before = Table("plant", (Field("name", required=True), Field("room"), Field("price")))
    after = Table("plant", (Field("name", required=True), Field("price", "integer")))
    rows = [
        {"name": "Fern", "room": "bath", "price": "7"},
        {"name": "Ivy", "room": "", "price": "cheap"},
        {"name": "Oak", "room": "hall", "price": ""},
    ]

    assert list(losses(before, after, rows)) == [
        "2 rows have a value in “Room”. They are kept, and come back when the change is undone.",
        "1 row has a value in “Price” that does not fit whole number: “Ivy” (cheap). Correct it first, or ask for a "
        "new field; with this change, it is none. What was there is kept, and comes back when the change is undone.",
    ]


def test_the_schemas_name_what_is_there():
    schema = change_schema(plants_declaration())

    there = [one["properties"].get("field") for one in schema["properties"]["changes"]["items"]["anyOf"]]
    assert {"type": "string", "enum": ["Name", "Room", "Price"]} in there
    assert make_schema()["required"] == ["operation", "label", "row", "fields", "examples"]


# --- whatever a model writes ---

WORDS = st.sampled_from(
    [
        "label",
        "fields",
        "type",
        "tables",
        "changes",
        "do",
        "add",
        "field",
        "to",
        "choices",
        "name",
        "number",
        "date",
        "x",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | WORDS | st.text(max_size=12)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=5)
)


@given(st.dictionaries(WORDS, JSON, max_size=6), st.text(max_size=60))
def test_any_object_is_a_declaration_or_refused_with_a_sentence(said: Row, words: str):
    with suppress(BadValue):
        found = declared(said)
        table = read(with_hints(found.declaration, words)).tables[0]
        assert len(example_rows(table, found.examples)) == 3


@given(st.dictionaries(WORDS, JSON, max_size=6))
def test_any_object_is_a_change_or_refused_with_a_sentence(said: Row):
    with suppress(BadValue):
        assert differences(plants_declaration(), read(changed(plants_declaration(), said)).json) != []


@pytest.mark.parametrize(
    "words",
    [
        "make it days instead of weeks",
        "and a note",
        "ok, but without the room",
        "und noch ein Feld für das Datum",
        "bitte ohne Zimmer",
        "lieber Tage statt Wochen",
        "plutôt des jours au lieu de semaines",
        "et une note",
        "también el precio",
        "en días en vez de semanas",
        "add a field for the last repotting",
        "call it Garden",
    ],
)
def test_words_that_change_a_proposed_app_are_recognised(words: str) -> None:
    assert changes_it(words)


@pytest.mark.parametrize(
    "words",
    ["what is on my list?", "how does this work", "yes", "do it", "ja", "make me an app for my wines: name, year"],
)
def test_words_about_something_else_change_no_proposed_app(words: str) -> None:
    assert not changes_it(words)


@pytest.mark.parametrize(
    "words",
    [
        "make me an app with two tables: customers and orders",
        "I need an app with a list of recipes and a list of ingredients",
        "mach mir eine App mit zwei Tabellen: Kunden und Rechnungen",
        "crée une app avec deux tables, clients et commandes",
        "add a table for the makers",
        "füge eine weitere Tabelle für die Töpfe hinzu",
    ],
)
def test_several_tables_are_asked_for(words: str) -> None:
    asked = asked_in(words, [{"name": "plants", "label": "My plants", "declaration": plants_declaration()}], "plants")

    assert asked is not None
    assert "add_table" in asked.text or '"tables"' in asked.text
    form = json.dumps(asked.form)
    assert "add_table" in form or '"tables"' in form


def test_one_list_is_asked_for_without_tables() -> None:
    asked = asked_in("make me an app for my plants: name, room", [], "todo")

    assert asked is not None
    assert "tables" not in asked.form["properties"]


def test_tables_that_a_model_writes_lead_to_each_other() -> None:
    said = json.loads(MAKE_SEVERAL_EXAMPLE)

    made = read(declared(said).declaration)

    assert [table.name for table in made.tables] == ["author", "book"]
    assert made.tables[1].all_fields["author"].to == "author"


def test_a_change_of_an_app_with_several_tables_names_the_table() -> None:
    two = read({"label": "Shop", "tables": [{"label": "a buyer", "fields": [{"label": "Name"}]}, {"label": "an order",
        "fields": [{"label": "What"}]}]}).json  # fmt: skip

    schema = change_schema(two)
    after = changed(two, {"changes": [{"do": "add", "table": "an order", "field": "Price", "type": "money"}]})

    kinds = schema["properties"]["changes"]["items"]["anyOf"]
    assert all(one["properties"]["table"]["enum"] == ["a buyer", "an order"] for one in kinds)
    assert [one["label"] for one in after["tables"][1]["fields"]] == ["What", "Price"]
