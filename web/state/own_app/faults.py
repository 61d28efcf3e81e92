"""Which input of the form of an app a refusal is about. Pure.

A refusal says where in the declaration something is wrong: `tables.0.fields.1.least`. Empty lines of the form are not
in the declaration, so its numbers are not those of the form.
"""

import re
from dataclasses import replace

from web.state.own_app.form import AppForm, TableForm
from web.state.own_app.sent import TEXTS

TABLE = re.compile(r"tables\.(\d{1,3})(?:\.(.*))?", re.ASCII)
FIELD = re.compile(r"fields\.(\d{1,3})(?:\.(\w+).*)?", re.ASCII)
VIEW = re.compile(r"views\.\d{1,3}\.(\w+)", re.ASCII)
OF_VIEWS = re.compile(r"t(\d{1,3})(?:v\w+|title|together)", re.ASCII)
"""Inputs in the part of a table about its views, which may be folded."""


def input_at(place: str, form: AppForm) -> str:
    """Return the name of the input from which a part of the declaration comes; "" for none."""
    if place in ("label", "icon"):
        return place
    found = TABLE.fullmatch(place)
    tables = [number for number, one in enumerate(form.tables) if one.is_filled]
    if found is None or int(found[1]) >= len(tables):
        return ""
    number = tables[int(found[1])]
    return f"t{number}{_input_of_table(found[2] or '', form.tables[number])}"


def _input_of_table(place: str, form: TableForm) -> str:
    """Return the name of an input of a table, without its place: that of its label, if no other fits."""
    if found := FIELD.fullmatch(place):
        return _input_of_field(int(found[1]), found[2] or "", form)
    if found := VIEW.fullmatch(place):
        return f"v{found[1]}"
    if place.startswith("unique"):
        return "together"
    return {"opens": "vopens", "title": "title"}.get(place, "label")


def _input_of_field(index: int, option: str, form: TableForm) -> str:
    fields = [number for number, one in enumerate(form.fields) if one.label]
    if index >= len(fields):
        return "label"
    return f"f{fields[index]}{option if option in TEXTS else 'label'}"


def opened_at(name: str, form: AppForm) -> AppForm | None:
    """Return the form with the part unfolded that holds an input; None if it is not folded."""
    found = OF_VIEWS.fullmatch(name)
    if found is None or form.tables[int(found[1])].is_open:
        return None
    number = int(found[1])
    tables = [replace(one, is_open=True) if at == number else one for at, one in enumerate(form.tables)]
    return replace(form, tables=tuple(tables))
