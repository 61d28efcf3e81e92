"""One call of a tool: who calls, and the ways to the store that it may use."""

from dataclasses import dataclass

from apps.clients.access import Access, check_undone
from apps.tables import BadValue, Row, Table
from bus.bus import new_id
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder
from services.mcp.serve.pace import Pace
from services.mcp.serve.workbench import Workbench

MOST_ROWS = 100
"""Rows that one call may change. More could not be shown to the user, who is asked first."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call, and what its caller may do."""

    workbench: Workbench
    pace: Pace
    access: Access

    def table(self, name: str) -> Table:
        """Return a table that the caller may read. Raises `NotAllowed` or `Refused`."""
        tables = self.workbench.registry.tables
        if name not in tables:
            readable = ", ".join(one for one in tables if self.access.may_read(one))
            raise Refused("unknown_table", f"There is no table {name!r:.60}. There are: {readable}.")
        self.access.check_read(name)
        return tables[name]

    async def read(self, order: StoreOrder) -> StoreAnswer:
        """Return the rows that an order reads."""
        return await self.workbench.ask(order)

    async def write(self, order: Row) -> StoreAnswer:
        """Carry out an order in the caller's name. Raises `NotAllowed` or `Refused`."""
        self.access.check_order(order)
        await check_undone(self.workbench.bus, self.access, order)
        made = StoreOrder.from_body({"table": "", **order, "actor": "user", "client": self.access.name})
        return await self.workbench.ask(made, id=f"mcp-{new_id()}")

    async def rows_to_change(self, table: Table, given: Row) -> list[Row]:
        """Return the rows that a call names, by `ids` or by `where`. Raises `Refused` or `BadValue`."""
        ids, where = given.get("ids"), given.get("where")
        if bool(ids) == bool(where):
            raise BadValue("bad_value", "Name the rows: either `ids`, or `where`. Nothing was changed.")
        wanted: Row = {"id": list(dict.fromkeys(ids))} if ids else where or {}
        order = StoreOrder(verb="list", table=table.name, where=wanted, sort="id", limit=MOST_ROWS)
        answer = await self.read(order)
        if answer.more:
            sentence = f"{answer.total:,} rows of {table.name} match, and one call changes at most {MOST_ROWS}."
            raise BadValue("bad_value", f"{sentence} Do it in smaller parts. Nothing was changed.")
        missing = [key for key in wanted["id"] if all(row["id"] != key for row in answer.rows)] if ids else []
        if missing or not answer.rows:
            what = f"no row with the id {missing[0]!r:.40}" if missing else "no row that matches"
            raise Refused("not_found", f"There is {what} in {table.name}. Nothing was changed.")
        return answer.rows
