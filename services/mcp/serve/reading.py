"""Tools that read: which tables there are, their rows, one row, a search."""

from apps.sentences import title_of
from apps.tables import Field, Row, Table
from bus.messages import StoreAnswer, StoreOrder
from services.mcp.serve.call import Call

PAGE = 50
MOST_ON_A_PAGE = 200


async def list_tables(call: Call, _given: Row) -> Row:
    """Return the tables that the caller may read, with their fields."""
    registry = call.workbench.registry
    readable = [table for name, table in registry.tables.items() if call.access.may_read(name)]
    return {
        "tables": [_described(table, ((app := registry.app_of(table.name)) and app.name) or "") for table in readable]
    }


async def list_rows(call: Call, given: Row) -> Row:
    """Return a page of the rows that match."""
    table = call.table(given["table"])
    order = StoreOrder(
        verb="list",
        table=table.name,
        where=given.get("where") or {},
        sort=given.get("sort", "position" if table.sortable else "id"),
        limit=given.get("limit", PAGE),
        offset=given.get("offset", 0),
    )
    return _page(await call.read(order))


async def get_row(call: Call, given: Row) -> Row:
    """Return one row."""
    table = call.table(given["table"])
    answer = await call.read(StoreOrder(verb="get", table=table.name, id=given["id"]))
    return {"row": answer.rows[0]}


async def search(call: Call, given: Row) -> Row:
    """Return the rows that contain all words: those of one table, or of all that the caller may read."""
    name = call.table(given["table"]).name if given.get("table") else ""
    limit = given.get("limit", PAGE)
    order = StoreOrder(verb="search", table=name, values={"text": given["text"]}, limit=MOST_ON_A_PAGE)
    rows = (await call.read(order)).rows
    tables = call.workbench.registry.tables
    found = [
        {
            "table": row["_table"],
            "id": row["id"],
            "title": title_of(row, tables.get(row["_table"])),
            "found": row["_snippet"],
        }
        for row in rows
        if call.access.may_read(row["_table"])
    ]
    return {"rows": found[:limit]}


def _page(answer: StoreAnswer) -> Row:
    return {"rows": answer.rows, "total": answer.total, "more": answer.more}


def _described(table: Table, app: str) -> Row:
    fields = [_field(one) for one in table.fields]
    described = {"table": table.name, "app": app, "row_is": table.label or table.name, "fields": fields}
    return described | ({"read_only": True} if table.read_only else {})


def _field(one: Field) -> Row:
    """Return what a program must know of a field to write it."""
    told: Row = {"name": one.name, "type": one.type}
    more = {
        "label": one.label,
        "required": one.required,
        "choices": list(one.choices),
        "unit": one.unit,
        "to": one.to,
        "several": one.several,
        "set_by_store": one.kind.set_by_store,
    }
    return told | {name: value for name, value in more.items() if value}
