"""What the page sent of the form of an app. Pure."""

from collections.abc import Mapping
from typing import Any

from apps.shown.view import KINDS, View
from web.state.own_app.form import MOST_FIELDS, MOST_TABLES, AppForm, FieldForm, TableForm, ViewsForm

Sent = Mapping[str, Any]

TEXTS = ("label", "name", "type", "choices", "unit", "least", "most", "to")
TICKS = ("required", "unique", "several")
OPTIONS = ("group", "date", "by", "sum", "over")
"""Options of views that name one field."""


def from_values(values: Sent) -> AppForm:
    """Return what was sent by the page."""
    tables = list[TableForm]()
    while len(tables) < MOST_TABLES and f"t{len(tables)}label" in values:
        tables.append(_table(values, f"t{len(tables)}"))
    label, icon = _text(values, "label"), _text(values, "icon")
    return AppForm(_number(values, "id"), _number(values, "card"), label, icon, tuple(tables))


def _table(values: Sent, place: str) -> TableForm:
    fields: list[FieldForm] = []
    while len(fields) < MOST_FIELDS and f"{place}f{len(fields)}label" in values:
        fields.append(_field(values, f"{place}f{len(fields)}"))
    return TableForm(
        _text(values, f"{place}label"),
        _text(values, f"{place}name"),
        tuple(fields),
        _text(values, f"{place}together"),
        _text(values, f"{place}title"),
        _views(values, f"{place}v"),
        is_open=f"{place}visopen" in values,
    )


def _field(values: Sent, place: str) -> FieldForm:
    said: dict[str, Any] = {key: _text(values, place + key) for key in TEXTS}
    said |= {key: place + key in values for key in TICKS}
    return FieldForm(**said)


def _views(values: Sent, place: str) -> ViewsForm:
    chosen: dict[str, Any] = {key: _text(values, place + key) for key in OPTIONS}
    sort = _text(values, f"{place}sort")
    if sort and f"{place}falling" in values:
        sort = f"-{sort}"
    offered = tuple(kind for kind in KINDS if f"{place}is{kind}" in values)
    sums = values.get(f"{place}sums", [])
    named = tuple(str(one) for one in (sums if isinstance(sums, list) else [sums]) if one)
    return ViewsForm(offered or KINDS, _text(values, f"{place}opens"), View(sort=sort, sums=named, **chosen))


def _number(values: Sent, name: str) -> int:
    key = _text(values, name)
    return int(key) if key.isascii() and key.isdecimal() else 0


def _text(values: Sent, name: str) -> str:
    value = values.get(name, "")
    return value.strip() if type(value) is str else ""
