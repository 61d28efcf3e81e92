"""The form of an app that is declared already, or of one that the assistant proposes. Pure."""

from contextlib import suppress
from typing import Any

from apps.shown.view import KINDS, View
from apps.tables import BadValue, Field, Row
from apps.types import FIELD_TYPES
from apps.types.reader import HERE, Reader
from web.state.own_app.form import CHOSEN, MORE_FIELDS, AppForm, FieldForm, TableForm, ViewsForm


def form_of(row: Row, reader: Reader = HERE) -> AppForm:
    """Return the form of an app that is declared already."""
    return _form(row["declaration"], reader, id=row["id"])


def form_of_card(message: Row, reader: Reader = HERE) -> AppForm:
    """Return the form of an app, or of a change of one, that the assistant proposes."""
    (would,) = message["detail"]["would"]
    return _form(would["after"]["declaration"], reader, id=would["row"], card=message["id"])


def _form(said: Row, reader: Reader, **ids: int) -> AppForm:
    tables = tuple(table_form(one, reader) for one in said["tables"])
    return AppForm(label=said.get("label", ""), icon=said.get("icon", ""), tables=tables, **ids)


def table_form(said: Row, reader: Reader = HERE) -> TableForm:
    """Return the form of a table that is declared already."""
    names = {one.get("label") or one["name"]: one["name"] for one in said["fields"]}
    names |= {one["name"]: one["name"] for one in said["fields"]}  # a name goes before a label that is like it
    groups = [[names.get(name, name) for name in group] for group in said.get("unique", ())]
    alone = {group[0] for group in groups if len(group) == 1}
    labels = {one["name"]: one.get("label") or one["name"] for one in said["fields"]}
    together = "; ".join(", ".join(labels.get(name, name) for name in group) for group in groups if len(group) > 1)
    fields = (_field(one, reader, is_unique=one["name"] in alone) for one in said["fields"])
    return TableForm(
        said.get("label") or said["name"],
        said["name"],
        (*fields, *[FieldForm()] * MORE_FIELDS),
        together,
        said.get("title", ""),
        views_form(said, names),
    )


def _field(said: Row, reader: Reader, *, is_unique: bool) -> FieldForm:
    least, most = (_as_written(said, key, reader) for key in ("least", "most"))
    return FieldForm(
        said.get("label") or said["name"],
        said["name"],
        said.get("type", "text"),
        required=said.get("required", False),
        unique=is_unique,
        several=said.get("several", False),
        choices=", ".join(said.get("choices", [])),
        unit=said.get("unit", ""),
        least=least,
        most=most,
        to=said.get("to", ""),
    )


def _as_written(said: Row, key: str, reader: Reader) -> str:
    """Return a limit as its reader writes it."""
    value, kind = said.get(key), FIELD_TYPES[said.get("type", "text")]
    if value is None:
        return ""
    with suppress(BadValue):
        value = Field(said["name"], said.get("type", "text"), unit=said.get("unit", "")).fitted(value)
    return kind.in_words(value, reader)


def views_form(said: Row, names: Row) -> ViewsForm:
    """Return what a table says of its views. `names`: of its fields, by their labels and names."""
    views = said.get("views", [])
    first: dict[str, Row] = {kind: next((one for one in views if one["kind"] == kind), {}) for kind in KINDS}
    offers = said.get("offers") or KINDS
    offered = tuple(kind for kind in KINDS if kind in offers or first[kind])
    options = {
        option: _named(first[kind][option], names)
        for kind, known in CHOSEN.items()
        for option in known
        if option in first[kind]
    }
    return ViewsForm(offered, said.get("opens", ""), View(**options))


def _named(value: Any, names: Row) -> Any:
    """Return the fields of an option by their names, where they stand there by their labels."""
    if isinstance(value, list):
        return tuple(_named(one, names) for one in value)
    sign = "-" if value.startswith("-") else ""
    return sign + names.get(value.removeprefix("-"), value.removeprefix("-"))
