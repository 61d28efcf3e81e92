"""What the form of a declared app holds, and the declaration that it means. Pure.

The inputs are named by their place: `t0label` is the label of the first table, `t0f1type` the type of its second field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.own.views import without_lost
from apps.tables import Row

NEW_FIELDS = 7
"""Empty fields of a new table."""
MORE_FIELDS = 3
"""Empty fields behind those that a table has."""
MOST_TABLES = 20
MOST_FIELDS = 100
"""What a form can hold; a declaration can have more."""

TYPE_LABELS = {
    "text": "Text",
    "integer": "Whole number",
    "real": "Number",
    "boolean": "Yes or no",
    "json": "Any data (JSON)",
    "time": "When it was added",
    "date": "Day",
    "moment": "Day and time",
    "when": "Due: day, time if you like",
    "repeat": "Repeat",
    "duration": "Duration",
    "money": "Money",
    "tags": "Tags",
    "web": "Web address",
    "mail": "Mail address",
    "markdown": "Long text",
    "link": "Link to rows",
}
"""What types are called for people; the others by their own names."""


@dataclass(frozen=True, slots=True)
class FieldForm:
    """The inputs of a field. `name`: that it has already, "" for a new one."""

    label: str = ""
    name: str = ""
    type: str = "text"
    required: bool = False
    choices: str = ""


@dataclass(frozen=True, slots=True)
class TableForm:
    """The inputs of a table. `name`: that it has already."""

    label: str = ""
    name: str = ""
    fields: tuple[FieldForm, ...] = ()


@dataclass(frozen=True, slots=True)
class AppForm:
    """The inputs of an app. `id`: of its row; 0 for a new one. `card`: the message that proposes it; 0 for none."""

    id: int = 0
    card: int = 0
    label: str = ""
    icon: str = ""
    tables: tuple[TableForm, ...] = ()


def new_form() -> AppForm:
    """Return the form of a new app: one table, whose first field is required."""
    first = FieldForm("Name", required=True)
    return AppForm(tables=(TableForm(fields=(first, *[FieldForm()] * NEW_FIELDS)),))


def form_of(row: Row) -> AppForm:
    """Return the form of an app that is declared already."""
    return _form(row["declaration"], id=row["id"])


def form_of_card(message: Row) -> AppForm:
    """Return the form of an app, or of a change of one, that the assistant proposes."""
    (would,) = message["detail"]["would"]
    return _form(would["after"]["declaration"], id=would["row"], card=message["id"])


def _form(said: Row, **ids: int) -> AppForm:
    tables = tuple(map(_table_of, said["tables"]))
    return AppForm(label=said.get("label", ""), icon=said.get("icon", ""), tables=tables, **ids)


def _table_of(said: Row) -> TableForm:
    fields = (
        FieldForm(
            one.get("label") or one["name"],
            one["name"],
            one.get("type", "text"),
            required=one.get("required", False),
            choices=", ".join(one.get("choices", [])),
        )
        for one in said["fields"]
    )
    return TableForm(said.get("label") or said["name"], said["name"], (*fields, *[FieldForm()] * MORE_FIELDS))


def from_values(values: Mapping[str, Any]) -> AppForm:
    """Return what was sent by the page."""
    tables = list[TableForm]()
    while len(tables) < MOST_TABLES and f"t{len(tables)}label" in values:
        tables.append(_table_from(values, f"t{len(tables)}"))
    label, icon = _text(values, "label"), _text(values, "icon")
    return AppForm(_number(values, "id"), _number(values, "card"), label, icon, tuple(tables))


def _table_from(values: Mapping[str, Any], place: str) -> TableForm:
    fields: list[FieldForm] = []
    while len(fields) < MOST_FIELDS and f"{place}f{len(fields)}label" in values:
        start = f"{place}f{len(fields)}"
        texts = {key: _text(values, start + key) for key in ("label", "name", "type", "choices")}
        fields.append(FieldForm(**texts, required=f"{start}required" in values))
    return TableForm(_text(values, f"{place}label"), _text(values, f"{place}name"), tuple(fields))


def _number(values: Mapping[str, Any], name: str) -> int:
    key = _text(values, name)
    return int(key) if key.isascii() and key.isdecimal() else 0


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "")
    return value.strip() if type(value) is str else ""


def declaration_of(form: AppForm, before: Row | None) -> Row:
    """Return the declaration that a form means. Fields and tables without a label go.

    `before`: the declaration until now; what the form does not show of it stays.
    """
    known = {one["name"]: one for one in (before or {}).get("tables", [])}
    shown = [one for one in form.tables if one.label or any(field.label for field in one.fields)]
    tables = [_declared_table(one, form.label, known.get(one.name, {})) for one in shown]
    rest = {key: value for key, value in (before or {}).items() if key in ("name", "prompt")}
    return without_lost(rest | {"label": form.label, "icon": form.icon, "tables": tables})


def decided(message: Row, declaration: Row) -> Row:
    """Return the new values of a card whose proposal the user has changed in the form, and agrees to."""
    (would,) = message["detail"]["would"]
    fields = {table["name"]: table["fields"] for table in declaration["tables"]}
    examples = [
        {**one, "values": values}
        for one in would.get("examples", ())
        if (values := _still_fitting(one["values"], fields.get(one["table"], ()))) is not None
    ]
    after = {**would["after"], "declaration": declaration}
    detail = {**message["detail"], "would": [{**would, "after": after, "examples": examples}]}
    return {"state": "agreed", "detail": detail}


def _still_fitting(values: Row, fields: Sequence[Row]) -> Row | None:
    """Return what is left of an example row in fields that were changed; None if nothing can be kept."""
    names = {one["name"] for one in fields}
    kept = {name: value for name, value in values.items() if name in (*names, "profile")}
    return kept if all(kept.get(one["name"]) for one in fields if one.get("required")) else None


def _declared_table(form: TableForm, app: str, before: Row) -> Row:
    known = {one["name"]: one for one in before.get("fields", [])}
    fields = [_declared_field(one, known.get(one.name, {})) for one in form.fields if one.label]
    label = form.label or app
    kept = {key: value for key, value in before.items() if key not in ("label", "fields")}
    if kept.get("title") not in [one["name"] for one in fields if "name" in one]:
        kept.pop("title", None)  # this field goes: another one names the rows
    named = {} if before and label == before["name"] else {"label": label}
    return kept | named | {"fields": fields}


def _declared_field(form: FieldForm, before: Row) -> Row:
    kept = {key: value for key, value in before.items() if key not in ("label", "type", "required", "choices")}
    if form.type != before.get("type", "text"):
        kept.pop("default", None)  # it is a value of the former type
        kept.pop("searched", None)
    choices = [one.strip() for one in form.choices.split(",") if one.strip()]
    named = {} if form.label == before.get("name") else {"label": form.label}
    needed = {"required": True} if form.required else {}
    return kept | named | {"type": form.type} | needed | ({"choices": choices} if choices else {})
