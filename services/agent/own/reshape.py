"""Carry out a change of a declaration, as a model wrote it: fields that come, go, or are called otherwise. Pure.

Ours is a list `changes` of objects with `do`, `field`, and what it needs: `to`, `type`, `choices`. Models also write
`{"add": […], "remove": […], "rename": {…}}`; `changes_in` brings all of it into the one form.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from apps.names import compared
from apps.own.views import without_lost
from apps.own.words import called
from apps.tables import BadValue
from services.agent.own.declare import FIELD_LABELS, FIELDS, Json, field_of, fields_of
from services.agent.own.kinds import from_words

DOES = ("add", "remove", "rename", "retype", "add_table", "label", "icon")
ALIASES = {
    "add_field": "add", "insert": "add", "new": "add", "append": "add", "create": "add", "add_fields": "add",
    "delete": "remove", "drop": "remove", "remove_field": "remove", "delete_field": "remove", "remove_fields": "remove",
    "rename_field": "rename", "relabel": "rename", "change_label": "rename",
    "type": "retype", "change_type": "retype", "convert": "retype", "set_type": "retype", "change": "retype",
    "set": "retype", "update": "retype", "modify": "retype", "choices": "retype", "set_choices": "retype",
    "new_table": "add_table", "table": "add_table", "tables": "add_table",
    "rename_app": "label", "title": "label", "name": "label", "set_label": "label", "set_icon": "icon",
}  # fmt: skip
"""What models write for what is to be done."""
FROM = ("from", "old", "field", "label", "name", "column", "old_label")
TO = ("to", "new", "new_label", "new_name", "value")
NO_HINT = "…"
"""A label that says nothing of a type: where a new type is named, the label of the field does not matter."""
NOTHING = (
    "The instruction changes nothing. Expected `changes`: a list of objects with `do` (add, remove, rename, retype)."
)


def changes_in(said: Json) -> list[Json]:
    """Return the changes that an instruction asks for, each with `do`; raise `BadValue` for none."""
    found: list[Json] = []
    written = said.get("changes") or said.get("change")
    for one in written if type(written) is list else [written]:
        found += _one(one) if type(one) is dict else []
    if not found:
        inside = {
            key: value for key, value in said.items() if key not in ("operation", "app", "changes", "change", "table")
        }
        found = list(_one(inside))
    if not found:
        raise BadValue("bad_value", NOTHING)
    table = said.get("table")
    return [{"table": table, **one} if type(table) is str and one["do"] != "add_table" else one for one in found]


def _one(said: Json) -> Iterator[Json]:
    """Yield the changes in one object: one that says what to `do`, or lists under what is to be done."""
    do = next((said[key] for key in ("do", "action", "change", "op", "kind") if type(said.get(key)) is str), "")
    if name := _known(do):
        yield {**said, "do": name}
        return
    for key, value in said.items():
        if (name := _known(key)) and not (key in ("type", "choices", "label", "name", "title") and "field" in said):
            yield from _listed(name, value)


def _listed(do: str, value: Any) -> Iterator[Json]:
    """Yield the changes of one kind: `"remove": ["room"]`, `"rename": {"room": "place"}`."""
    if do in ("label", "icon") and type(value) is str:
        yield {"do": do, "to": value}
    elif do in ("rename", "retype") and type(value) is dict and not any(key in value for key in FROM):
        for name, new in value.items():
            more = new if type(new) is dict else {"to" if do == "rename" else "type": new}
            yield {**more, "do": do, "field": name}
    elif do == "add" and type(value) is dict and not any(key in value for key in FIELD_LABELS):
        for one in fields_of(value):
            yield {"do": do, **one}
    else:
        for one in value if type(value) is list else [value]:
            if type(one) in (dict, str):
                yield {**one, "do": do} if type(one) is dict else {"do": do, "field": one}


def _known(name: str) -> str:
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_")
    plain = ALIASES.get(plain, plain)
    return plain if plain in DOES else ""


def changed(declaration: Json, said: Json) -> Json:
    """Return a declaration with the changes of an instruction; raise `BadValue` for what cannot be changed so."""
    made = deepcopy(declaration)
    for one in changes_in(said):
        APPLY[one["do"]](made, one)
    if made == declaration:
        raise BadValue("bad_value", "The app is like that already, so nothing would change.")
    return without_lost(made)


# --- one change ---


def _add(made: Json, one: Json) -> None:
    table = _table(made, one)
    written = one.get("field")
    inside = written if type(written) is dict else {}
    new = field_of(
        {"label": _text(one, ("field", "label", "name", "to", "title")), **one, **inside} | _label_of(one, inside)
    )
    if new is None:
        raise BadValue("bad_value", "A field that is added needs a `label`: what the user calls it.")
    if _find(table, new["label"]):
        raise BadValue(
            "bad_value", f"There is a field “{new['label']}” already. Choose another label, or change that one."
        )
    table["fields"].append(new)


def _label_of(one: Json, inside: Json) -> Json:
    label = _text(inside, FIELD_LABELS) or _text(one, ("field", "label", "name", "to", "title"))
    return {"label": label}


def _remove(made: Json, one: Json) -> None:
    table = _table(made, one)
    gone = _field(table, one)
    if len(table["fields"]) == 1:
        raise BadValue("bad_value", f"“{called(gone)}” is the only field. A table needs one; remove the app instead.")
    table["fields"].remove(gone)
    if table.get("title") == gone["name"]:
        del table["title"]


def _rename(made: Json, one: Json) -> None:
    table = _table(made, one)
    field, to = _field(table, one), _text(one, TO)
    if not to:
        raise BadValue("bad_value", f"The new name of “{called(field)}” is missing. Expected it in `to`.")
    if (other := _find(table, to)) and other is not field:
        raise BadValue("bad_value", f"There is a field “{to}” already. Choose another name.")
    field["label"] = to


def _retype(made: Json, one: Json) -> None:
    field = _field(_table(made, one), one)
    words = _text(one, ("type", "to", "kind", "new_type"))
    meant = from_words(words) if words else None
    if meant is None and not one.get("choices"):
        raise BadValue(
            "bad_value",
            f"The new type of “{called(field)}” is {words!r:.40}. Expected for example text, number or date.",
        )
    said = {"type": words or "choice", "choices": one.get("choices"), "unit": one.get("unit")}
    new = field_of({"label": NO_HINT, **said})
    if new is None:
        return
    stays = {key: value for key, value in field.items() if key in ("name", "label", "required")}
    field.clear()
    field.update(stays | {key: value for key, value in new.items() if key not in ("label", "required")})


def _add_table(made: Json, one: Json) -> None:
    label = _text(one, ("row", "label", "name", "to", "table", "field"))
    fields = fields_of(next((one[key] for key in FIELDS if one.get(key)), []))
    if not label or not fields:
        raise BadValue("bad_value", "A table that is added needs `row` (what one row is called) and `fields`.")
    made["tables"].append({"label": label, "fields": fields})


def _label(made: Json, one: Json) -> None:
    if to := _text(one, (*TO, "label", "field")):
        made["label"] = to


def _icon(made: Json, one: Json) -> None:
    if to := _text(one, (*TO, "icon", "field")):
        made["icon"] = to[:20]


APPLY: dict[str, Callable[[Json, Json], None]] = {
    "add": _add,
    "remove": _remove,
    "rename": _rename,
    "retype": _retype,
    "add_table": _add_table,
    "label": _label,
    "icon": _icon,
}


# --- what is there ---


def _table(made: Json, one: Json) -> Json:
    """Return the table that a change is about: the one it names, else the one that has the field, else the first."""
    named, field = one.get("table"), _text(one, FROM)
    tables: list[Json] = made["tables"]
    wanted = compared(named) if type(named) is str and named else ""
    by_name = (each for each in tables if wanted in (compared(each["name"]), compared(each.get("label", ""))))
    by_field = (each for each in tables if one["do"] != "add" and field and _find(each, field))
    return (next(by_name, None) if wanted else None) or next(by_field, None) or tables[0]


def _field(table: Json, one: Json) -> Json:
    label = _text(one, FROM)
    found = _find(table, label)
    if found is None:
        known = ", ".join(map(called, table["fields"]))
        raise BadValue("bad_value", f"There is no field {label!r:.60}. There are: {known}.")
    return found


def _find(table: Json, label: str) -> Json | None:
    wanted = compared(label)
    return next(
        (one for one in table["fields"] if wanted in (compared(one.get("name", "")), compared(called(one)))), None
    )


def _text(said: Json, keys: tuple[str, ...]) -> str:
    found = (" ".join(said[key].split()) for key in keys if type(said.get(key)) is str)
    return next((one for one in found if one), "")
