"""From changes that were made to the steps of a macro; and steps in words. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from apps.core import ONLY_READ, PROFILE
from apps.macro_steps.placeholders import has_placeholder
from apps.sentences import label_of, shortened, title_of, words
from apps.tables import BadValue, Row, Table
from apps.types.reader import HERE, Reader
from apps.work.runs import RUN

MAX_STEPS = 100
"""Steps of one macro: people can still read them, and one order to the store carries them out."""
LONGEST_TEXT = 200
MOVED = ({"position"},)
"""Fields of changes that only move a row."""
FINDS = ("id", "title")
"""How the row of a step is found: it is the same row, or any row with the same title."""


def can_repeat(change: Row, tables: Mapping[str, Table]) -> bool:
    """Return whether a change can be a step: of a row of an app, and not one that an undo has made or taken back."""
    table = tables.get(change["subject"])
    if table is None or table.read_only or table.keyed or table in (*ONLY_READ, PROFILE, RUN):
        return False
    is_kept = bool(change["before"] or change["after"])
    return is_kept and not change["undoes"] and not change["undone_by"] and change["after"].keys() not in MOVED


def steps_of(changes: Iterable[Row], tables: Mapping[str, Table], rows: Mapping[tuple[str, int], Row]) -> list[Row]:
    """Return the steps that make the same changes again.

    `changes`: of the history, the oldest first. `rows`: the changed rows as they are now, by table and id, where they
    are still there. A change of a row that was added before it becomes a part of that step.
    """
    steps: list[Row] = []
    added: dict[tuple[str, int], Row] = {}
    for change in changes:
        if not can_repeat(change, tables):
            continue
        table, ref = tables[change["subject"]], (change["subject"], change["row"])
        if change["verb"] == "insert":
            added[ref] = _step("insert", table, _values(change["after"], table))
            steps.append(added[ref])
        elif ref not in added:
            steps.append(_on_row(change, table, rows.get(ref) or change["before"]))
        elif change["verb"] == "update":
            added[ref]["values"] |= _values(change["after"], table, kept=True)
        else:
            steps.remove(added.pop(ref))
    if len(steps) > MAX_STEPS:
        raise BadValue("bad_value", f"These are {len(steps):,} steps. A macro has at most {MAX_STEPS}: choose fewer.")
    return steps


def _on_row(change: Row, table: Table, row: Row) -> Row:
    deletes = change["verb"] == "delete"
    values = {} if deletes else _values(change["after"], table, kept=True)
    return _step(change["verb"], table, values) | {"row": row_named(change["row"], row, table)}


def row_named(key: int, row: Row, table: Table) -> Row:
    """Return how a step names the row that it is about."""
    field = table.title_field.name
    return {"id": key, "title": str(row.get(field) or title_of(row, table)), "field": field, "find": "id"}


def found_by_name(step: Row, table: Table) -> Row:
    """Return a step that finds its row by its name: what is done again and again is about another row each time."""
    if "row" not in step or not table.title_field.kind.is_text:
        return step
    return {**step, "row": {**step["row"], "find": "title"}}


def _step(verb: str, table: Table, values: Row) -> Row:
    return {"verb": verb, "table": table.name, "scoped": table.scoped, "values": values}


def _values(values: Row, table: Table, *, kept: bool = False) -> Row:
    """Return the values that a step gives. `kept`: also those that are empty, because the user has emptied them."""
    fields = {one.name: one for one in table.fields if not one.kind.set_by_store}
    return {name: value for name, value in values.items() if name in fields and (kept or value != fields[name].empty)}


# --- in words ---


def step_in_words(step: Row, table: Table | None, reader: Reader = HERE) -> str:
    """Return what a step does: "Add “milk” to todo (due: today)"."""
    values = dict(step["values"])
    if step["verb"] == "insert":
        title = values.pop(table.title_field.name, "") if table else ""
        return f"Add “{shortened(str(title), LONGEST_TEXT)}” to {step['table']}{_listed(values, table, reader)}"
    named = row_in_words(step)
    return f"Delete {named}" if step["verb"] == "delete" else f"Change {named}{_listed(values, table, reader)}"


def row_in_words(step: Row) -> str:
    """Return the name of the row that a step changes, with its table."""
    row = step.get("row") or {}
    found = "" if row.get("find") == "id" else ", found by its name"
    return f"“{shortened(str(row.get('title', '')), LONGEST_TEXT)}” of {step['table']}{found}"


def _listed(values: Row, table: Table | None, reader: Reader) -> str:
    fields = table.all_fields if table else {}
    said = ", ".join(f"{label_of(name, fields)}: {_said(name, one, table, reader)}" for name, one in values.items())
    return f" ({said})" if said else ""


def _said(name: str, value: Any, table: Table | None, reader: Reader) -> str:
    if isinstance(value, str) and has_placeholder(value):
        return shortened(value, LONGEST_TEXT)
    return words(table.all_fields.get(name) if table else None, value, {}, reader)
