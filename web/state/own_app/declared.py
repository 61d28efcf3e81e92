"""The declaration that the form of an app means. Pure.

What the form does not show of a declaration stays as it is.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from apps.own.declaration import UNFIT, each, part
from apps.own.views import without_lost
from apps.shown.view import KINDS, Kind
from apps.tables import BadValue, Field, Row
from apps.types import FIELD_TYPES
from apps.types.kinds import Misfit
from apps.types.money import parts_of
from apps.types.reader import HERE, Reader
from web.state.form_values import from_form
from web.state.own_app.begun import table_form
from web.state.own_app.form import CHOSEN, AppForm, FieldForm, TableForm, ViewsForm

SHOWN_OF_FIELD = {*(one.name for one in fields(FieldForm)), UNFIT} - {"name", "unique"}
SHOWN_OF_TABLE = ("label", "fields", "title", "unique", "views", "offers", "opens")


def declaration_of(form: AppForm, before: Row | None, reader: Reader = HERE) -> Row:
    """Return the declaration that a form means, or raise `BadValue`, whose `field` says where: see `faults.py`.

    Fields and tables without a label go. `before`: the declaration until now.
    """
    known = {one["name"]: one for one in (before or {}).get("tables", [])}
    shown = form.filled_tables
    tables = each("tables", shown, lambda one: _table(one, form.label, known.get(one.name, {}), reader))
    rest = {key: value for key, value in (before or {}).items() if key in ("name", "prompt")}
    whole = rest | {"label": form.label, "icon": form.icon, "tables": tables}
    # what was chosen just now is refused if it does not fit; what was there before goes with the fields that it needs
    fitted = zip(shown, tables, without_lost(whole)["tables"], strict=True)
    return whole | {"tables": [said if _is_chosen(one, known, reader) else kept for one, said, kept in fitted]}


def _is_chosen(form: TableForm, known: Row, reader: Reader) -> bool:
    """Return whether the user has chosen something about the views of a table."""
    before = table_form(known[form.name], reader).views if form.name in known else ViewsForm()
    return form.views != before


def decided(message: Row, declaration: Row) -> Row:
    """Return the new values of a card whose proposal the user has changed in the form, and agrees to."""
    (would,) = message["detail"]["would"]
    tables = {table["name"]: table["fields"] for table in declaration["tables"]}
    examples = [
        {**one, "values": values}
        for one in would.get("examples", ())
        if (values := _still_fitting(one["values"], tables.get(one["table"], ()))) is not None
    ]
    after = {**would["after"], "declaration": declaration}
    detail = {**message["detail"], "would": [{**would, "after": after, "examples": examples}]}
    return {"state": "agreed", "detail": detail}


def _still_fitting(values: Row, declared: Sequence[Row]) -> Row | None:
    """Return what is left of an example row in fields that were changed; None if nothing can be kept."""
    names = {one["name"] for one in declared}
    kept = {name: value for name, value in values.items() if name in (*names, "profile")}
    return kept if all(kept.get(one["name"]) for one in declared if one.get("required")) else None


def _table(form: TableForm, app: str, before: Row, reader: Reader) -> Row:
    known = {one["name"]: one for one in before.get("fields", [])}
    made = each("fields", form.filled_fields, lambda one: _field(one, known.get(one.name, {}), reader))
    label = form.label or app
    kept = {key: value for key, value in before.items() if key not in SHOWN_OF_TABLE}
    named = {} if before and label == before["name"] else {"label": label}
    is_there = any(form.title == one.said for one in form.filled_fields)  # else another field names the rows
    title = {"title": form.title} if form.title and is_there else {}
    return kept | named | title | {"fields": made} | _unique(form) | _views(form.views, before)


# --- fields ---


def _field(form: FieldForm, before: Row, reader: Reader) -> Row:
    kept = {key: value for key, value in before.items() if key not in SHOWN_OF_FIELD}
    if form.type != before.get("type", "text"):
        kept.pop("default", None)  # it is a value of the former type
        kept.pop("searched", None)
        kept.pop("none", None)
    named = {} if form.label == before.get("name") else {"label": form.label}
    options = _options(form, reader)
    if kept.get("default") not in (None, *options.get("choices", [kept.get("default")])):
        kept.pop("default")  # it is one of the choices that are gone
    is_unsaid = bool(before) and "type" not in before and form.type == before.get("type", "text")
    return kept | named | ({} if is_unsaid else {"type": form.type}) | options


def _options(form: FieldForm, reader: Reader) -> Row:
    """Return the options of a field that its type has; the form may still hold those of the type before."""
    kind = FIELD_TYPES.get(form.type)  # type: ignore[call-overload]
    if kind is None:
        return {}
    if kind.is_link and not form.to:
        raise BadValue("bad_value", f"“{form.label}” is a link. Choose the table to whose rows it leads.", field="to")
    choices = [one.strip() for one in form.choices.split(",") if one.strip()] if kind.is_text else []
    limits = {key: _limit(form, key, text, reader) for key, text in (("least", form.least), ("most", form.most))}
    said: Row = {
        "required": form.required,
        "choices": choices,
        "unit": _unit(form, reader),
        **(limits if kind.is_ordered else {}),
        "to": form.to if kind.is_link else "",
        "several": form.several and kind.is_link,
    }
    return {
        key: value for key, value in said.items() if value is not None and value is not False and value not in ("", [])
    }


def _limit(form: FieldForm, key: str, text: str, reader: Reader) -> Any:
    """Return the least or the most of a field, None for none; raise `BadValue` if the text is no value of its type."""
    kind = FIELD_TYPES[form.type]  # type: ignore[index]
    if not text or not kind.is_ordered:
        return None
    label, unit = f"{key.capitalize()} of {form.label}", _unit(form, reader)
    one = Field("limit", form.type, label=label, none=True, unit=unit)  # type: ignore[arg-type]
    with part(key):
        return one.fitted(from_form(one, text, reader))


def _unit(form: FieldForm, reader: Reader) -> str:
    """Return the unit of a field; for money the currency, by its code, which may be written as people do: "€"."""
    kind = FIELD_TYPES[form.type]  # type: ignore[index]
    if not kind.has_unit or not form.unit or not kind.unit_keys:
        return form.unit if kind.has_unit else ""
    try:
        return parts_of(str(kind.parse(f"1 {form.unit}", datetime.now(reader.zone), reader.locale)))[1]
    except Misfit:
        problem = f"“{form.label}” is in {form.unit!r:.40}, which is no currency. Expected a code like EUR or USD."
        raise BadValue("bad_value", problem, field="unit") from None


def _unique(form: TableForm) -> Row:
    """Return the groups of fields that are unique: those that are so alone, and those that are so together."""
    alone = [[one.said] for one in form.filled_fields if one.unique]
    groups = ([name.strip() for name in group.split(",") if name.strip()] for group in form.together.split(";"))
    together = [_by_names(group, form) for group in groups if group]
    return {"unique": [*alone, *together]} if alone or together else {}


def _by_names(group: list[str], form: TableForm) -> list[str]:
    """Return fields by what a declaration says for them, where they may be written by their labels in any case."""
    said = {text.casefold(): one.said for one in form.fields for text in (one.label, one.name) if text}
    if unknown := next((name for name in group if name.casefold() not in said), ""):
        labels = ", ".join(one.label for one in form.filled_fields)
        problem = f"Unique together names “{unknown:.60}”, which is no field here. There are: {labels}."
        raise BadValue("bad_value", problem, field="unique")
    return [said[name.casefold()] for name in group]


# --- views ---


def _views(form: ViewsForm, before: Row) -> Row:
    """Return what a table says of its views. Of several views of one kind, the form changes the first one."""
    views = [one for one in before.get("views", []) if one.get("kind") in form.offered]
    for kind in form.offered:
        views = _with_options(views, kind, _chosen(form, kind))  # type: ignore[arg-type]
    offers = [] if tuple(form.offered) == KINDS else list(form.offered)
    said = {"views": views, "offers": offers, "opens": form.opens if _is_offered(form, views) else ""}
    return {key: value for key, value in said.items() if value}


def _is_offered(form: ViewsForm, views: Sequence[Row]) -> bool:
    """Return whether the view that opens first is offered: it may just have been unticked."""
    return form.opens not in KINDS or form.opens in form.offered or any(one.get("name") == form.opens for one in views)


def _chosen(form: ViewsForm, kind: Kind) -> Row:
    values = {option: getattr(form.chosen, option) for option in CHOSEN[kind]}
    return {option: list(value) if isinstance(value, tuple) else value for option, value in values.items()}


def _with_options(views: list[Row], kind: Kind, chosen: Row) -> list[Row]:
    """Return views with the options that were chosen for a kind; a view that says nothing is not needed."""
    first = next((one for one in views if one["kind"] == kind), None)
    filled = {key: value for key, value in chosen.items() if value}
    if first is None:
        return [*views, {"kind": kind, **filled}] if filled else views
    kept = {key: value for key, value in first.items() if key not in chosen}
    return [kept | filled if one is first else one for one in views]
