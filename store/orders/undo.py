"""Take back changes, unless the row was changed again afterwards. An undo is recorded as a change itself."""

from typing import Any, cast

from apps.tables import BadValue, Row
from apps.types import TypeName
from apps.types.numbers import LARGEST_INTEGER
from bus.limits import MAX_UNDONE_CHANGES
from bus.messages import StoreOrder
from store.file.columns import read
from store.file.types import COLUMNS
from store.orders.repeating import of_one_tick
from store.tables.history import Change, History
from store.tables.recorder import Recorder
from store.tables.rows import PARKED, Rows, revision_in


def undo(order: StoreOrder, tables: dict[str, Rows], history: History, recorder: Recorder) -> None:
    """Take back one change, or several, starting with the newest; and what belongs to them."""
    named = _revisions(order.values)
    belonging = _belonging(named, tables, history)
    for revision in sorted([*named, *belonging], reverse=True):
        index = named.index(belonging.get(revision, revision))
        try:
            undo_one(revision, tables, history, recorder)
        except BadValue as problem:
            told = _of_belonging(problem, revision, belonging[revision]) if revision in belonging else problem
            raise (told.at(index) if "changes" in order.values else told) from None


def _belonging(named: list[int], tables: dict[str, Rows], history: History) -> dict[int, int]:
    """Return the changes to take back with the named ones, each with the named one: a counter grew in their order.

    Or a row that repeats was ticked, which made the next one.
    """
    found: dict[int, int] = {}
    for revision in named:
        change = history.find(revision)
        if change is None or change.table not in tables:
            continue
        table = tables[change.table].table
        grew = _grew(change, tables[change.table])
        others = history.with_order_of(revision) if grew else of_one_tick(change, table, history)
        others = [one for one in others if one not in named]
        found |= {other: revision for other in others if not _is_gone(history.find(other), tables)}
    return found


def _grew(change: Change, rows: Rows) -> bool:
    """Return whether a counter of the row grew in a change."""
    return change.verb == "update" and not change.after.keys().isdisjoint(rows.table.counters)


def _is_gone(change: Change | None, tables: dict[str, Rows]) -> bool:
    """Return whether the row that a change has inserted was deleted since: nothing is left to take back."""
    if change is None or change.table not in tables:
        return True
    return change.verb == "insert" and tables[change.table].get(change.id) is None


def _of_belonging(problem: BadValue, revision: int, named: int) -> BadValue:
    sentence = f"Change {named} is undone together with change {revision} of the same step. {problem}"
    return BadValue(problem.code, sentence, **problem.details)


def _revisions(values: Row) -> list[int]:
    """Return the revisions that an order names; raise `BadValue` for a double one."""
    named: Any = values.get("changes", [values.get("change")])
    if type(named) is not list or not 0 < len(named) <= MAX_UNDONE_CHANGES or len(set(map(repr, named))) < len(named):
        expected = f"1 to {MAX_UNDONE_CHANGES:,} different revisions"
        raise BadValue("bad_value", f"values.changes is {named!r:.60}. Expected a list of {expected}.")
    for index, revision in enumerate(named):
        if type(revision) is not int or not 0 < revision <= LARGEST_INTEGER:
            raise BadValue("not_found", f"There is no change {revision!r:.60} that could be undone.").at(index)
    return named


def undo_one(revision: int, tables: dict[str, Rows], history: History, recorder: Recorder) -> None:
    """Restore the row of a change to its state before the change."""
    change = history.find(revision)
    if change is None and revision <= history.revision:
        raise BadValue("not_found", f"Change {revision} is too old: the history does not keep it any more.")
    if change is None:
        raise BadValue("not_found", f"There is no change {revision!r:.60} that could be undone.")
    if change.table not in tables:
        raise BadValue("unknown_table", f"The app of `{change.table}` is not there any more, so it cannot be undone.")
    if not change.before and not change.after:
        why = "was deleted for good" if tables[change.table].table.remembered else "is not kept"
        raise BadValue("not_found", f"What change {revision} changed {why}, so it cannot be undone.")
    if by := history.undone_by(revision):
        raise BadValue("conflict", f"Change {revision} was undone already (by change {by}).", change=by)
    _REVERSE[change.verb](change, tables[change.table], history, recorder)


def _not_changed_since(change: Change, rows: Rows, history: History) -> Row:
    row, after = rows.get(change.id), _existing_fields(change.after, rows)
    after = {name: value for name, value in after.items() if name not in rows.table.counters}
    if row is None or any(row[name] != value for name, value in after.items()):
        newer = history.newer(change.table, change.id, change.revision)
        if not newer:
            raise BadValue("conflict", "The row was changed since by an upgrade of its app, so it cannot be undone.")
        sentence = f"The row was changed again since (change {newer}). Undo that one first."
        raise BadValue("conflict", sentence, change=newer)
    return row


def _existing_fields(values: Row, rows: Rows) -> Row:
    """Leave out fields that an upgrade of the app has removed."""
    return {name: value for name, value in values.items() if name == "id" or name in rows.table.all_fields}


def _undo_insert(change: Change, rows: Rows, history: History, recorder: Recorder) -> None:
    recorder.delete(rows, _not_changed_since(change, rows, history), change.revision)


def _undo_update(change: Change, rows: Rows, history: History, recorder: Recorder) -> None:
    row = _not_changed_since(change, rows, history)
    before = _existing_fields(change.before, rows)
    if not before:
        raise BadValue("conflict", f"What change {change.revision} changed is not a part of `{change.table}` any more.")
    before |= {name: row[name] + 1 for name in before if name in rows.table.counters}
    recorder.update(rows, row, before, change.revision)


def _undo_delete(change: Change, rows: Rows, history: History, recorder: Recorder) -> None:
    if rows.get(change.id):
        newer = history.newer(change.table, change.id, change.revision)
        raise BadValue("conflict", f"`{change.table}` has a row {change.id!r:.60} again.", change=newer)
    new = {one.name: one.empty for one in rows.table.all_fields.values()}
    before = {name: value for name, value in _existing_fields(change.before, rows).items() if name != "id"}
    before |= _back_from_parking(change.before, rows)
    recorder.insert(rows, new | before, change.id, change.revision)
    rows.park(change.id, change.before)
    rows.park(change.id, _to_parking(change.before, rows))


def _back_from_parking(values: Row, rows: Rows) -> Row:
    """Return the values of fields that were not declared when the row was deleted, and are again."""
    found: Row = {}
    for column, value in sorted(values.items(), key=lambda one: revision_in(one[0])):
        name, _, rest = column.partition(PARKED)
        one = rows.table.all_fields.get(name)
        is_back = rest and name not in values
        if one and is_back and rest.partition(PARKED)[0] == one.type:
            found[name] = read(one, value)
    return found


def _to_parking(values: Row, rows: Rows) -> Row:
    """Return the values of fields that were declared when the row was deleted, and are not any more."""
    found: Row = {}
    for column in rows.parked:
        name, kind, *_ = column.split(PARKED)
        if name in values and column not in values and name not in rows.table.all_fields:
            found[column] = COLUMNS[cast(TypeName, kind)].stored(values[name])
    return found


_REVERSE = {"insert": _undo_insert, "update": _undo_update, "delete": _undo_delete}
