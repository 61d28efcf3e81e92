"""`Look`: what of a table a page shows, and how its address says it: `?view=table&sort=-amount&group=kind`. Pure.

An address without `view` shows the view that opens first. It names a view of the table, and beside it only what differs
from that view.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps.shown.check import completed, view_named, views_of
from apps.shown.days import FIRST_YEAR, LAST_YEAR
from apps.shown.view import LIST, OPTIONS, SEVERAL, View
from apps.tables import BadValue, Table

TABLE, VIEW, MONTH, ROW = "table", "view", "month", "row"
"""Names in the query of an address, beside the options of a view."""
A_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
A_NUMBER = re.compile(r"[1-9]\d{0,15}", re.ASCII)
LONGEST_KEY = 200
NONE = "none"
"""Value of an option that is not set although the view sets it."""

INSTEAD = "Here is the {view}."


@dataclass(frozen=True, slots=True)
class Look:
    """What of a table a page shows."""

    view: View = LIST
    month: str = ""
    """calendar: the month, `YYYY-MM`; "" for the one of today."""
    row: int | str = 0
    """Id of the row whose page it is; 0 for none."""
    table: str = ""
    """Name of the table, if it is not the first one of its app."""
    problem: str = ""
    """A sentence for the user: why it is the list and not what the address asks for."""

    @property
    def is_list(self) -> bool:
        """Whether it is the list of rows."""
        return self.view.kind == "list" and not self.row


THE_LIST = Look()


def look_in(table: Table, query: Mapping[str, str], filters: Mapping[str, Any]) -> Look:
    """Return what the query of an address asks for; the view that opens first, with a problem, if that cannot be shown.

    `filters`: those that the same query has. A field may be called like an option: then the filter counts.
    """
    try:
        return read_look(table, {name: value for name, value in query.items() if name not in filters})
    except BadValue as problem:
        first = views_of(table)[0]
        return Look(first, problem=f"{problem} {INSTEAD.format(view=first.title.lower())}")


def read_look(table: Table, said: Mapping[str, str]) -> Look:
    """Return what an address or an instruction asks for, or raise `BadValue`."""
    row = _row(said[ROW], table) if ROW in said else 0
    view = _view(said, table)
    month = said.get(MONTH, "") if view.kind == "calendar" else ""
    if month and not (A_MONTH.fullmatch(month) and FIRST_YEAR <= int(month[:4]) <= LAST_YEAR):
        problem = f"The address asks for the month “{month:.20}”, which is none."
        raise BadValue("bad_value", f"{problem} Expected one like 2026-11.")
    return Look(view, month, row)


def _row(text: str, table: Table) -> int | str:
    if table.keyed and 0 < len(text) <= LONGEST_KEY:
        return text
    if table.keyed or not A_NUMBER.fullmatch(text):
        raise BadValue("bad_value", f"The address asks for the row {text!r:.40}, which is no id.")
    return int(text)


def _view(said: Mapping[str, str], table: Table) -> View:
    name = said.get(VIEW, "")
    base = view_named(name, table) if name else views_of(table)[0]
    if base is None:
        names = ", ".join(one.called for one in views_of(table))
        raise BadValue("bad_value", f"There is no view “{name:.40}” of {table.name}. There are: {names}.")
    options = {one: said[one] for one in OPTIONS[base.kind] if one in said}
    return changed(base, table, options) if options else base


def changed(view: View, table: Table, options: Mapping[str, str]) -> View:
    """Return a view with other options, as texts, or raise `BadValue`."""
    values: dict[str, Any] = {
        name: _several(text) if name in SEVERAL else ("" if text == NONE else text) for name, text in options.items()
    }
    if values.get("over") and "date" not in values:
        values["date"] = ""
    made = completed(replace(view, **values), table)
    return replace(made, sums=()) if options.get("sums") == NONE else made


def _several(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",") if one and text != NONE)


def written(look: Look, table: Table) -> dict[str, str]:
    """Return what the query of an address says of a look; {} for the view that opens first."""
    base = view_named(look.view.called, table) or views_of(table)[0]
    said = {TABLE: look.table} if look.table else {}
    said |= {} if base == views_of(table)[0] else {VIEW: base.called}
    for option in OPTIONS[look.view.kind]:
        value = getattr(look.view, option)
        if value != getattr(base, option) and not (option == "date" and not value):
            said[option] = (",".join(value) if option in SEVERAL else value) or NONE
    said |= {MONTH: look.month} if look.month else {}
    return said | ({ROW: str(look.row)} if look.row else {})
