"""Tools that change rows: insert, update, toggle, delete, and undo. What comes of a call is done, or proposed."""

from collections.abc import Sequence

from apps.tables import BadValue, Row, Table
from services.mcp.serve.call import MOST_ROWS, Call
from services.mcp.serve.proposals import propose, reason_to_ask

FIXED = ("position",)
"""Fields that no call sets: the store gives them."""


async def insert_rows(call: Call, given: Row) -> Row:
    """Add rows; those that name no profile belong to the one in view."""
    table, rows = call.table(given["table"]), given["rows"]
    placed = {"profile": await call.workbench.profile()} if table.scoped else {}
    orders = [
        {"verb": "insert", "table": table.name, "values": placed | checked(table, values, inserting=True)}
        for values in rows
    ]
    return await change(call, table, orders, [{} for _ in orders])


async def update_rows(call: Call, given: Row) -> Row:
    """Set values in rows."""
    table = call.table(given["table"])
    values = checked(table, given["values"])
    return await _change_each(call, table, "update", values, given)


async def toggle_rows(call: Call, given: Row) -> Row:
    """Flip a field that is true or false: the only one, if none is named."""
    table = call.table(given["table"])
    switches = table.switches
    name = given.get("field") or (switches[0] if switches else "")
    if name not in switches:
        raise BadValue("bad_value", f"`field` is {name!r:.60}. Expected one of: {', '.join(switches) or 'none there'}.")
    return await _change_each(call, table, "toggle", {"field": name}, given)


async def delete_rows(call: Call, given: Row) -> Row:
    """Ask the user to delete rows."""
    return await _change_each(call, call.table(given["table"]), "delete", {}, given)


async def undo(call: Call, given: Row) -> Row:
    """Take back changes that this program made, all or none."""
    answer = await call.write({"verb": "undo", "values": {"changes": given["changes"]}})
    return {"outcome": "done", "rows": answer.rows, "changes": answer.changes}


async def _change_each(call: Call, table: Table, verb: str, values: Row, given: Row) -> Row:
    rows = await call.rows_to_change(table, given)
    more = {"values": values} if values else {}
    orders = [{"verb": verb, "table": table.name, "id": row["id"], **more} for row in rows]
    return await change(call, table, orders, rows)


async def change(call: Call, table: Table, orders: Sequence[Row], before: Sequence[Row]) -> Row:
    """Carry out orders, all or none, or propose them. `before`: the row that each changes, {} for a new one."""
    if len(orders) > MOST_ROWS:
        raise BadValue("bad_value", f"One call changes at most {MOST_ROWS} rows, not {len(orders):,}. Divide it.")
    if reason := await reason_to_ask(call, orders):
        return await propose(call, table, orders, before, reason)
    answer = await call.write({"verb": "batch", "table": table.name, "values": {"orders": list(orders)}})
    call.pace.note(call.access.name, len(orders))
    return {"outcome": "done", "rows": answer.rows, "changes": answer.changes}


def checked(table: Table, values: Row, *, inserting: bool = False) -> Row:
    """Return values as they are stored, or raise `BadValue`: a proposal must not be refused when the user agrees."""
    for name in values:
        if name not in table.all_fields or name in FIXED:
            known = ", ".join(one.name for one in table.fields)
            raise BadValue("unknown_field", f"{table.name} has no field {name!r:.60}. Fields: {known}.", field=name)
    missing = [one.called for one in table.fields if inserting and one.required and one.name not in values]
    if missing:
        raise BadValue("missing_field", f"A row of {table.name} needs `{missing[0]}`.")
    return {name: table.all_fields[name].checked(value) for name, value in values.items()}
