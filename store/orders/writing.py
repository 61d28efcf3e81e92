"""The verbs that write: insert, update, delete, toggle, sort. Each checks everything before it changes a row."""

import time
from typing import Any

from apps.tables import BadValue, Row, Table
from bus.limits import MAX_CHANGED_ROWS
from bus.messages import StoreOrder
from store.file.columns import field_of
from store.orders.links import refuse_bad_links
from store.orders.repeating import begun, update_row
from store.orders.scheduling import scheduled
from store.tables.positions import in_families, move, place_of_new
from store.tables.reading import existing
from store.tables.recorder import Recorder
from store.tables.rows import Rows


def insert(order: StoreOrder, rows: Rows, recorder: Recorder) -> None:
    """Insert a row. Fields without a value get their empty value, times are now, the position is the last."""
    table = rows.table
    key = _new_key(order, rows) if table.keyed else None
    values = checked(table, order.values)
    for one in table.all_fields.values():
        if one.required and one.name not in values:
            raise BadValue("missing_field", f"A row of `{table.name}` needs `{one.called}`.", field=one.name)
        values.setdefault(one.name, time.time() if one.kind.set_by_store else one.empty)
    values |= begun(table, values)
    values |= scheduled(table, values, {"state": values.get("state"), **order.values})
    refuse_bad_links(rows, values, {})
    if table.sortable and not values["position"]:
        values["position"] = place_of_new(rows, values, recorder)
    recorder.insert(rows, values, key)


def _new_key(order: StoreOrder, rows: Rows) -> str:
    if type(order.id) is not str or not 0 < len(order.id) <= 100:
        raise BadValue("missing_field", f"A row of `{rows.table.name}` needs a text of 1 to 100 characters as its id.")
    if rows.get(order.id):
        raise BadValue("conflict", f"`{rows.table.name}` has a row {order.id!r:.60} already.")
    return order.id


def update(order: StoreOrder, rows: Rows, recorder: Recorder) -> None:
    """Set values in a row, if its fields still have the values in `where`. In a keyed table, insert a missing row."""
    if rows.table.keyed and rows.get(order.id) is None:
        insert(order, rows, recorder)
        return
    row = existing(rows, order.id)
    for name, expected in order.where.items():
        field_of(rows.table, name)
        if not _same(rows.table, name, row[name], expected):
            now = f"it is {row[name]!r:.80}, not {expected!r:.80}"
            raise BadValue("conflict", f"`{name}` was changed meanwhile: {now}.")
    values = checked(rows.table, order.values)
    values |= scheduled(rows.table, {**row, **values}, order.values)
    refuse_bad_links(rows, values, row)
    update_row(rows, row, values, recorder)


def _same(table: Table, name: str, value: Any, expected: Any) -> bool:
    """Return whether a row still has a value; the same moment or amount may be written differently."""
    kind = table.all_fields[name].kind if name != "id" else None
    if value == expected or kind is None or not kind.is_ordered or value is None or expected is None:
        return bool(value == expected)
    try:
        return bool(kind.sort_key(value) == kind.sort_key(expected))
    except (TypeError, ValueError, ArithmeticError):  # `expected` is no value of this type
        return False


def delete(order: StoreOrder, rows: Rows, recorder: Recorder) -> None:
    """Delete one row, or all that match `where`."""
    if order.id:
        chosen = [existing(rows, order.id)]
    elif order.where:
        chosen = _all_that_match(rows, order.where)
    else:
        raise BadValue("missing_field", "A delete needs `id`, or `where` that says which rows.")
    for row in chosen:
        recorder.delete(rows, row)


def toggle(order: StoreOrder, rows: Rows, recorder: Recorder) -> None:
    """Flip a boolean field."""
    switches = rows.table.switches
    name: Any = order.values.get("field", "")
    if name not in switches:
        raise BadValue("bad_value", f"values.field is {name!r:.60}. Expected one of: {', '.join(switches) or 'none'}.")
    row = existing(rows, order.id)
    update_row(rows, row, {name: not row[name]}, recorder)


def sort(order: StoreOrder, rows: Rows, recorder: Recorder) -> None:
    """Move one row, or sort all by a field."""
    if not rows.table.sortable:
        raise BadValue("bad_value", f"The rows of `{rows.table.name}` have no order of their own.")
    by = order.values.get("by", "")
    if order.id:
        move(rows, existing(rows, order.id), order.values.get("after", 0), recorder)
    elif type(by) is str and by:
        sorted_rows = in_families(_all_that_match(rows, order.where, by), rows.table.nested)
        for number, row in enumerate(sorted_rows, start=1):
            recorder.update(rows, row, {"position": float(number)})
    else:
        raise BadValue("missing_field", "A sort needs `id` and values.after, or the name of a field in values.by.")


def _all_that_match(rows: Rows, where: Row, by: str = "") -> list[Row]:
    """Return all rows that match. Refuse too many: all other orders would have to wait too long."""
    count = rows.count(where)
    if count > MAX_CHANGED_ROWS:
        limit = f"at most {MAX_CHANGED_ROWS:,} can be changed at once"
        raise BadValue("bad_value", f"{count:,} rows of `{rows.table.name}` match, {limit}. Narrow `where`.")
    return list(rows.each(where, by, -1))


def checked(table: Table, values: Row) -> Row:
    """Return the values as they are stored, or raise `BadValue` for the first that does not fit."""
    made = Row()
    for name, value in values.items():
        if name == "id":
            raise BadValue("unknown_field", "`id` is given by the store; name the row in the order's own `id`.")
        made[name] = field_of(table, name).checked(value)
    return made
