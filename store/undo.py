"""Take back one change, unless the row was changed again since. An undo is a change like any other."""

from typing import Any

from apps.tables import BadValue
from store.history import Change, History
from store.recorder import Recorder
from store.rows import Rows


def undo(revision: Any, tables: dict[str, Rows], history: History, recorder: Recorder) -> None:
    """Bring the row of a change back to what it was before."""
    change = history.find(revision) if type(revision) is int else None
    if change is None:
        raise BadValue("not_found", f"There is no change {revision!r:.60} that could be undone.")
    if change.table not in tables:
        raise BadValue("unknown_table", f"The app of `{change.table}` is not there any more, so it cannot be undone.")
    if by := history.undone_by(revision):
        raise BadValue("conflict", f"Change {revision} was undone already (by change {by}).")
    _REVERSE[change.verb](change, tables[change.table], history, recorder)


def _not_changed_since(change: Change, rows: Rows, history: History) -> dict[str, Any]:
    row = rows.get(change.id)
    if row is None or any(row[name] != value for name, value in change.after.items()):
        newer = history.newer(change.table, change.id, change.revision)
        raise BadValue("conflict", f"The row was changed again since (change {newer}). Undo that one first.")
    return row


def _undo_insert(change: Change, rows: Rows, history: History, recorder: Recorder) -> None:
    recorder.delete(rows, _not_changed_since(change, rows, history), change.revision)


def _undo_update(change: Change, rows: Rows, history: History, recorder: Recorder) -> None:
    row = _not_changed_since(change, rows, history)
    recorder.update(rows, row, change.before, change.revision)


def _undo_delete(change: Change, rows: Rows, history: History, recorder: Recorder) -> None:
    if rows.get(change.id):
        raise BadValue("conflict", f"`{change.table}` has a row {change.id!r:.60} again.")
    values = {name: value for name, value in change.before.items() if name != "id"}
    recorder.insert(rows, values, change.id, change.revision)


_REVERSE = {"insert": _undo_insert, "update": _undo_update, "delete": _undo_delete}
