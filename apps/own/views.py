"""The views of a declaration after its fields have changed: what names a field that is gone goes with it."""

from typing import Any

from apps.own.declaration import read
from apps.shown.check import view_from
from apps.shown.view import KINDS, OPTIONS, SEVERAL
from apps.tables import BadValue, Table

Json = dict[str, Any]


def without_lost(declaration: Json) -> Json:
    """Return a declaration whose views fit its fields; as it is, if something else in it is wrong.

    The change that takes the fields away can be undone, and brings the views back with them.
    """
    bare = {**declaration, "tables": [{**one, "views": []} for one in declaration["tables"]]}
    try:
        tables = read(bare).tables
    except BadValue:
        return declaration
    fitted = [_fitted(said, table) for said, table in zip(declaration["tables"], tables, strict=True)]
    return {**declaration, "tables": fitted}


def _fitted(said: Json, table: Table) -> Json:
    if not said.get("views"):
        return said
    views = [_without_misfits(one, table) for one in said["views"]]
    rest = {key: value for key, value in said.items() if key != "views"}
    kept = [one for one in views if one is not None]
    return rest | ({"views": kept} if kept else {})


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
