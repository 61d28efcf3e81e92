"""A press on a button of the form of an app: a field or a table is added, moved or removed. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from web.state.own_app.form import MORE_FIELDS, MOST_FIELDS, MOST_TABLES, AppForm, FieldForm, TableForm, new_table

One = TypeVar("One")

PLACE = re.compile(r"t(\d{1,3})(?:f(\d{1,3}))?", re.ASCII)


def changed(form: AppForm, act: str, place: str) -> AppForm | None:
    """Return a form after a press on a button; None if there is no such button.

    `place`: "t0" a table, "t0f1" a field of it.
    """
    found = PLACE.fullmatch(place)
    table = int(found[1]) if found else 0
    if found is None or act not in ACTS or (act != "add-table" and table >= len(form.tables)):
        return None
    return ACTS[act](form, table, int(found[2] or 0))


def _with_table(form: AppForm, number: int, table: TableForm) -> AppForm:
    tables = list(form.tables)
    tables[number] = table
    return replace(form, tables=tuple(tables))


def _move(way: int) -> Callable[[AppForm, int, int], AppForm]:
    def move(form: AppForm, table: int, index: int) -> AppForm:
        one = form.tables[table]
        return _with_table(form, table, replace(one, fields=moved(one.fields, index, way)))

    return move


def moved(some: Sequence[One], index: int, way: int) -> tuple[One, ...]:
    """Return a sequence in which an item has changed places with the one before (-1) or after (1) it."""
    made, other = list(some), index + way
    if 0 <= index < len(made) and 0 <= other < len(made):
        made[index], made[other] = made[other], made[index]
    return tuple(made)


def _add_fields(form: AppForm, table: int, _index: int) -> AppForm:
    one = form.tables[table]
    fields = (*one.fields, *[FieldForm()] * MORE_FIELDS)[:MOST_FIELDS]
    return _with_table(form, table, replace(one, fields=fields))


def _remove_field(form: AppForm, table: int, index: int) -> AppForm:
    one = form.tables[table]
    fields = tuple(field for place, field in enumerate(one.fields) if place != index)
    return _with_table(form, table, replace(one, fields=fields or (FieldForm(),)))


def _show_views(form: AppForm, table: int, _index: int) -> AppForm:
    return _with_table(form, table, replace(form.tables[table], is_open=True))


def _add_table(form: AppForm, _table: int, _index: int) -> AppForm:
    return replace(form, tables=(*form.tables, new_table())[:MOST_TABLES])


def _remove_table(form: AppForm, table: int, _index: int) -> AppForm:
    kept = tuple(one for place, one in enumerate(form.tables) if place != table)
    return replace(form, tables=kept or (new_table(),))


ACTS: dict[str, Callable[[AppForm, int, int], AppForm]] = {
    "up": _move(-1),
    "down": _move(1),
    "add-fields": _add_fields,
    "remove-field": _remove_field,
    "views": _show_views,
    "add-table": _add_table,
    "remove-table": _remove_table,
}
"""By the name of the button; each takes the form, and the numbers of a table and of its field."""
