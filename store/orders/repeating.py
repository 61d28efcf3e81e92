"""A row that repeats: ticking it makes the next one, in the same order. The rule goes over to the new row.

So a row makes the next one only once, however often it is ticked and unticked, and however often the order comes.
"""

from datetime import datetime, timedelta

from apps.due.following import Following, first, following
from apps.tables import Row, Table
from apps.types.reader import zone_here
from apps.types.when import local
from store.tables.history import Change, History
from store.tables.positions import behind, parts_of, scope
from store.tables.recorder import Recorder
from store.tables.rows import Rows


def begun(table: Table, values: Row) -> Row:
    """Return the due date of a new row that repeats and was given none: the first day of its rule."""
    due, repeat = table.due_field, table.repeat_field
    if due is None or repeat is None or not values[repeat.name] or values[due.name]:
        return {}
    return {due.name: first(values[repeat.name], datetime.now(zone_here()))}


def update_row(rows: Rows, row: Row, values: Row, recorder: Recorder) -> None:
    """Set checked values in a row; if that ticks one that repeats, make the next one."""
    table, repeat = rows.table, rows.table.repeat_field
    coming = _next_time(table, row, values)
    if repeat is None or coming is None:
        recorder.update(rows, row, values)
        return
    ticked = {**row, **values}
    position = {"position": behind(rows, ticked, ticked, recorder)} if table.sortable else {}
    recorder.update(rows, row, {**values, repeat.name: None})
    made = recorder.insert(rows, {**_again(table, ticked, coming), **position})
    for part in parts_of(rows, row):
        _insert_part(rows, part, made, _days_between(table, ticked, made), recorder)


def _next_time(table: Table, row: Row, values: Row) -> Following | None:
    """Return when a row comes again that these values tick; None if they do not, or it does not repeat."""
    due, repeat = table.due_field, table.repeat_field
    if due is None or repeat is None:
        return None
    done = table.switches[0]
    now = {**row, **values}
    if row[done] or not now[done] or not now[repeat.name]:
        return None
    return following(now[repeat.name], now[due.name], datetime.now(zone_here()).replace(tzinfo=None))


def _again(table: Table, row: Row, coming: Following | None = None) -> Row:
    """Return the values of a new row like this one, which is not done."""
    kept = {name: value for name, value in row.items() if name != "id"}
    fresh = {one.name: datetime.now().timestamp() for one in table.fields if one.kind.set_by_store}
    made = {**kept, **fresh, table.switches[0]: False}
    due, repeat = table.due_field, table.repeat_field
    return made | {due.name: coming.due, repeat.name: coming.rule} if due and repeat and coming else made


def _insert_part(rows: Rows, part: Row, parent: Row, days: int, recorder: Recorder) -> None:
    """Insert a part of the next row, due as many days later as that."""
    table, due = rows.table, rows.table.due_field
    values = {**_again(table, part), table.nested: [parent["id"]]}
    if due and part[due.name]:
        values[due.name] = _later(part[due.name], days)
    if table.sortable:
        values["position"] = rows.last_position(scope(parent)) + 1.0
    recorder.insert(rows, values)


def _days_between(table: Table, before: Row, after: Row) -> int:
    due = table.due_field
    if due is None or not before[due.name]:
        return 0
    return (local(after[due.name]).date() - local(before[due.name]).date()).days


def _later(due: str, days: int) -> str:
    day = (local(due).date() + timedelta(days=days)).isoformat()
    return day + due[len(day) :]


# --- undo ---


def of_one_tick(change: Change, table: Table, history: History) -> list[int]:
    """Return the other changes that the same tick made and that stand: the row that was ticked, the next, its parts."""
    tick = _tick_of(change, table, history)
    if tick is None:
        return []
    made = [tick.revision, *_inserts_behind(tick, table, history)]
    others = [one for one in made if one != change.revision and not history.undone_by(one)]
    return others if change.revision in made else []


def _tick_of(change: Change, table: Table, history: History) -> Change | None:
    """Return the tick that may have made a change: itself, or an update right before the inserts that it made."""
    if table.repeat_field is None or change.table != table.name:
        return None
    found: Change | None = change
    if change.verb == "insert" and table.nested and change.after.get(table.nested):  # a part: first its row
        while found and found.verb == "insert" and [found.id] != change.after[table.nested]:
            found = history.find(found.revision - 1)
    if found and found.verb == "insert":
        found = history.find(found.revision - 1)
    return found if found and _gave_up_rule(found, table) else None


def _gave_up_rule(change: Change, table: Table) -> bool:
    """Return whether a change ticked a row, and took its repeat off it."""
    repeat = table.repeat_field
    if repeat is None or change.verb != "update" or change.table != table.name:
        return False
    ticked = change.after.get(table.switches[0]) is True
    return ticked and bool(change.before.get(repeat.name)) and change.after.get(repeat.name) is None


def _inserts_behind(tick: Change, table: Table, history: History) -> list[int]:
    """Return the insert of the next row, and those of its parts."""
    order, made = history.order_of(tick.revision), list[Change]()
    while (one := history.find(tick.revision + len(made) + 1)) and one.verb == "insert" and one.table == table.name:
        is_part = bool(made and table.nested) and one.after.get(table.nested) == [made[0].id]
        if (made and not is_part) or history.order_of(one.revision) != order:
            break
        made.append(one)
    return [one.revision for one in made]
