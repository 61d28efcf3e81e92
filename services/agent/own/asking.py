"""How a model is asked for a declaration: a short prompt of its own, and a JSON schema for servers that can follow one.

The general prompt makes small models poor at this. Here they are told what a declaration is and what the user said, and
nothing else; so a model of half a gigabyte gets most of them right (docs/measurements.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.names import compared
from apps.own.words import called
from apps.tables import Row
from services.agent.own.declare import Json
from services.agent.own.language import language_of
from services.agent.own.wanted import wanted_in, wants_tables

TYPE_NAMES = {
    "text": "text",
    "long text": "markdown",
    "whole number": "integer",
    "number": "real",
    "yes or no": "boolean",
    "date": "date",
    "date and time": "moment",
    "duration": "duration",
    "money": "money",
    "tags": "tags",
    "web address": "web",
    "mail address": "mail",
    "choice": "text",
}
"""What types are called for a model, and their names. A choice is a text with `choices`."""

MAKE_LAYER = "A new app"
CHANGE_LAYER = "A change of an app"
MAKE = """\
The user wants a new app: one list with fields. Write it as one JSON object, in the user's language.
`row`: what one row is called. Types of fields: {types}. A choice has `choices`, and is only what the user lists.
Take each field that the user names, one by one and in the user's own words, and what the user describes ("every day" \
needs a date). The first field says what the row is called. `examples`: three rows, each a list with a value for each \
field.
Example, for “an app for my wines: red or white, year, when I drank it”:
{example}"""
MAKE_EXAMPLE = (
    '{"operation": "make_app", "label": "My wines", "row": "a wine", "fields": [{"label": "Name", "type": "text"}, '
    '{"label": "Colour", "type": "choice", "choices": ["red", "white"]}, {"label": "Year", "type": "whole number"}, '
    '{"label": "Drunk on", "type": "date"}], "examples": [["Riesling", "white", 2021, "2026-05-30"], '
    '["Merlot", "red", 2018, "2026-08-14"], ["Chianti", "red", 2019, "2026-10-02"]]}'
)
CHANGE = """\
The user wants to change the app “{app}” ({name}). Its fields: {fields}.
Write the change as one JSON object, with labels in the user's language. `do` is add, rename, remove or retype; types: \
{types}.
Examples:
add a field for the price: {add}
call “Colour” kind: {rename}
remove the year: {remove}
the year should be a text: {retype}"""
CHANGE_EXAMPLES = {
    do: f'{{"operation": "change_app", "app": "NAME", "changes": [{{"do": "{do}", "field": "{field}"{more}}}]}}'
    for do, field, more in (
        ("add", "Price", ', "type": "money"'),
        ("rename", "Colour", ', "to": "Kind"'),
        ("remove", "Year", ""),
        ("retype", "Year", ', "type": "text"'),
    )
}
MAKE_SEVERAL = """\
The user wants a new app with several tables. Write it as one JSON object, in the user's language.
`tables`: each with `row` (what one of its rows is called) and `fields`. Types of fields: {types}, link. A link \
leads to rows of another table: its `to` is the `row` of that table. \
A choice has `choices`, and is only what the user lists.
Take each field that the user names, in the user's own words. The first field of a table says what a row is called.
`examples`: three rows of the first table, each a list with a value for each field.
Example, for “an app with two tables, authors and books with author and year”:
{example}"""
MAKE_SEVERAL_EXAMPLE = (
    '{"operation": "make_app", "label": "My library", "tables": [{"row": "an author", "fields": [{"label": "Name", '
    '"type": "text"}]}, {"row": "a book", "fields": [{"label": "Title", "type": "text"}, {"label": "Author", "type": '
    '"link", "to": "an author"}, {"label": "Year", "type": "whole number"}]}], "examples": [["Jane Austen"], '
    '["Leo Tolstoy"], ["Ada Novak"]]}'
)
ADD_TABLE = """
add a table for the makers: {{"operation": "change_app", "app": "{name}", "changes": [{{"do": "add_table", "row": \
"a maker", "fields": [{{"label": "Name", "type": "text"}}]}}]}}"""
MAX_TABLES = 5
LANGUAGE = "\nAll labels in {language}."
MAX_FIELDS = 20
MAX_CHANGES = 5
LABEL: Json = {"type": "string", "minLength": 1, "maxLength": 60}


@dataclass(frozen=True, slots=True)
class Asked:
    """How a model is asked. `layer`: the heading above the text; `form`: the JSON schema of its answer."""

    layer: str
    text: str
    form: Json

    @property
    def tool(self) -> Json:
        """The same as a tool, for a model that calls tools: it is told the rest of the prompt, too."""
        operation = self.form["properties"]["operation"]["enum"][0]
        properties = {name: one for name, one in self.form["properties"].items() if name != "operation"}
        parameters = {"type": "object", "properties": properties, "required": list(properties)}
        return {
            "type": "function",
            "function": {"name": operation, "description": self.text, "parameters": parameters},
        }


def asked_in(words: str, declared: Iterable[Row], open_app: str, proposed: Row | None = None) -> Asked | None:
    """Return how a model is asked for what the user's words want; None if they want no app and no change of one.

    `declared`: rows of the apps that can be changed. `open_app`: the name of the open one. `proposed`: the row of the
    app that is proposed and not made yet, if the words are about it.
    """
    if proposed:
        return _asked_to_change(words, proposed["declaration"])
    wanted = wanted_in(words)
    if wanted == "make":
        several = wants_tables(words)
        text = make_several_prompt() if several else make_prompt()
        return Asked(MAKE_LAYER, f"{text}{_in_language(words)}", make_several_schema() if several else make_schema())
    meant = app_meant(words, declared, open_app) if wanted else None
    if meant is None:
        return None
    return _asked_to_change(words, meant["declaration"])


def _asked_to_change(words: str, declaration: Json) -> Asked:
    more = wants_tables(words)
    table = ADD_TABLE.format(name=declaration["name"]) if more else ""
    text = f"{change_prompt(declaration)}{table}{_in_language(words)}"
    return Asked(CHANGE_LAYER, text, change_schema(declaration, tables=more))


def _in_language(words: str) -> str:
    language = language_of(words)
    return LANGUAGE.format(language=language) if language else ""


def app_meant(words: str, declared: Iterable[Row], open_app: str) -> Row | None:
    """Return the app that words name, else the open one; None if that one cannot be changed."""
    rows = list(declared)
    said = f" {compared(words)} "
    named = (row for row in rows if any(f" {compared(name)} " in said for name in (row["label"], row["name"]) if name))
    return next(named, None) or next((row for row in rows if row["name"] == open_app), None)


def make_prompt() -> str:
    """Return what a model is told that is asked for a new app."""
    return MAKE.format(types=", ".join(TYPE_NAMES), example=MAKE_EXAMPLE)


def make_several_prompt() -> str:
    """Return what a model is told that is asked for a new app with several tables."""
    return MAKE_SEVERAL.format(types=", ".join(TYPE_NAMES), example=MAKE_SEVERAL_EXAMPLE)


def change_prompt(declaration: Json) -> str:
    """Return what a model is told that is asked for a change of an app."""
    label = declaration.get("label") or declaration["name"]
    name = declaration["name"]
    examples = {key: one.replace("NAME", name) for key, one in CHANGE_EXAMPLES.items()}
    fields, types = fields_in_words(declaration), ", ".join(TYPE_NAMES)
    return CHANGE.format(app=label, name=name, fields=fields, types=types, **examples)


def fields_in_words(declaration: Json) -> str:
    """Return the fields of an app, each with its type: "Name (text), Year (whole number)"."""
    tables = declaration["tables"]
    parts = []
    for table in tables:
        fields = ", ".join(f"{called(one)} ({type_name(one)})" for one in table["fields"])
        parts.append(f"{table.get('label') or table['name']}: {fields}" if len(tables) > 1 else fields)
    return "; ".join(parts)


def type_name(field: Json) -> str:
    """Return what the type of a field is called for a model."""
    if field.get("choices"):
        return f"choice of {', '.join(field['choices'])}"
    kind, unit = field.get("type", "text"), field.get("unit", "")
    name = next((name for name, own in TYPE_NAMES.items() if own == kind), str(kind))
    return f"{name}, {unit}" if unit else name


# --- schemas ---


def make_schema() -> Json:
    """Return the JSON schema of a new app."""
    made = {"operation": _only("make_app"), "label": LABEL, "row": LABEL, "fields": _list_of(_fields("label"))}
    return _object({**made, "examples": _examples()})


def make_several_schema() -> Json:
    """Return the JSON schema of a new app with several tables."""
    table = _object({"row": LABEL, "fields": _list_of([*_fields("label"), _link("label")])})
    tables = {"type": "array", "minItems": 2, "maxItems": MAX_TABLES, "items": table}
    return _object({"operation": _only("make_app"), "label": LABEL, "tables": tables, "examples": _examples()})


def _examples() -> Json:
    value = {"anyOf": [{"type": "string", "maxLength": 80}, {"type": "number"}, {"type": "boolean"}]}
    row = {"type": "array", "items": value, "minItems": 1, "maxItems": MAX_FIELDS}
    return {"type": "array", "minItems": 3, "maxItems": 3, "items": row}


def _list_of(fields: Sequence[Json]) -> Json:
    return {"type": "array", "minItems": 1, "maxItems": MAX_FIELDS, "items": {"anyOf": [*fields]}}


def _link(label: str) -> Json:
    return _object({label: LABEL, "type": _only("link"), "to": LABEL})


def change_schema(declaration: Json, *, tables: bool = False) -> Json:
    """Return the JSON schema of a change of this app: fields that are there are named by their labels.

    `tables`: whether a table may come, too. In an app with several ones, each change names its table.
    """
    there = {"type": "string", "enum": [called(one) for table in declaration["tables"] for one in table["fields"]]}
    in_table = _which_table(declaration["tables"])
    new = [_object({"do": _only("add"), **in_table, **one["properties"]}) for one in _fields("field")]
    known = [
        _object({"do": _only("retype"), **in_table, **one["properties"], "field": there}) for one in _fields("field")
    ]
    rename = _object({"do": _only("rename"), **in_table, "field": there, "to": LABEL})
    remove = _object({"do": _only("remove"), **in_table, "field": there})
    link = [_object({"do": _only("add"), **in_table, **_link("field")["properties"]})] if tables else []
    more = [_object({"do": _only("add_table"), "row": LABEL, "fields": _list_of(_fields("label"))})] if tables else []
    items = {"anyOf": [*new, rename, remove, *known, *link, *more]}
    changes = {"type": "array", "minItems": 1, "maxItems": MAX_CHANGES, "items": items}
    return _object({"operation": _only("change_app"), "app": _only(declaration["name"]), "changes": changes})


def _which_table(tables: Sequence[Json]) -> Json:
    return {"table": {"type": "string", "enum": [called(one) for one in tables]}} if len(tables) > 1 else {}


def _fields(label: str) -> Sequence[Json]:
    """Return the schemas of a field: one with `choices`, and one of any other type. `label`: the key of its label."""
    plain = [name for name in TYPE_NAMES if name != "choice"]
    texts = {"type": "array", "minItems": 2, "maxItems": 12, "items": {"type": "string", "maxLength": 40}}
    return (
        _object({label: LABEL, "type": {"type": "string", "enum": plain}}),
        _object({label: LABEL, "type": _only("choice"), "choices": texts}),
    )


def _only(value: str) -> Json:
    return {"type": "string", "enum": [value]}


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
