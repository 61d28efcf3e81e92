"""The views of a declaration after its fields have changed: what names a field that is gone goes with it."""

from dataclasses import replace
from typing import Any

from apps.own.declaration import read
from apps.shown.check import view_from, view_named
from apps.shown.view import KINDS, OPTIONS, SEVERAL
from apps.tables import BadValue, Table

Json = dict[str, Any]

CHOICE = ("views", "offers", "opens")
"""Keys of a table: its views, the kinds that are offered beside them, and the one that opens first."""


def without_lost(declaration: Json) -> Json:
    """Return a declaration whose views fit its fields; as it is, if something else in it is wrong.

    The change that takes the fields away can be undone, and brings the views back with them.
    """
    declaration = {**declaration, "tables": [_without_lost_unique(one) for one in declaration["tables"]]}
    bare = {**declaration, "tables": [_without_choice(one) for one in declaration["tables"]]}
    try:
        tables = read(bare).tables
    except BadValue:
        return declaration
    fitted = [_fitted(said, table) for said, table in zip(declaration["tables"], tables, strict=True)]
    return {**declaration, "tables": fitted}


def _without_lost_unique(said: Json) -> Json:
    """Return a table without the groups of unique fields of which one is not there."""
    if not isinstance(said.get("unique"), list):
        return said
    known = {one.get(key) for one in said["fields"] for key in ("name", "label")}
    kept = [group for group in said["unique"] if all(name in known for name in group)]
    return {key: value for key, value in said.items() if key != "unique"} | ({"unique": kept} if kept else {})


def _without_choice(said: Json) -> Json:
    """Return a table without what is said of its views."""
    return {key: value for key, value in said.items() if key not in CHOICE}


def _fitted(said: Json, table: Table) -> Json:
    """Return a table with those of its views that fit; another one opens first if that one does not."""
    kept = [one for view in said.get("views", ()) if (one := _without_misfits(view, table)) is not None]
    offers, opens = said.get("offers", []), said.get("opens", "")
    shown = replace(table, views=tuple(view_from(one, table) for one in kept), offers=tuple(offers))
    choice = {"views": kept, "offers": offers, "opens": opens if view_named(opens, shown) else ""}
    return _without_choice(said) | {key: value for key, value in choice.items() if value}


def _without_misfits(view: Json, table: Table) -> Json | None:
    """Return a view without the options that do not fit the table any more; None if nothing can be shown then."""
    if not isinstance(view, dict) or view.get("kind") not in KINDS:
        return None
    kept = {key: value for key, value in view.items() if key not in OPTIONS[view["kind"]]}
    for option in OPTIONS[view["kind"]]:
        if option in view and (value := _fitting(kept, option, view[option], table)):
            kept[option] = value
    return kept if fits(kept, table) else None


def _fitting(view: Json, option: str, value: Any, table: Table) -> Any:
    """Return what of an option fits, None for nothing."""
    if option in SEVERAL and type(value) is list:
        return [one for one in value if fits({**view, option: [one]}, table)]
    return value if fits({**view, option: value}, table) else None


def fits(view: Json, table: Table) -> bool:
    """Return whether a view fits a table."""
    try:
        view_from(view, table)
    except BadValue:
        return False
    return True
