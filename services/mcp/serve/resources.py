"""What programs can read without a tool: the rows of each table, and the journal."""

import re

from apps.core import CHANGE
from apps.registry import Registry
from apps.sentences import title_of, verb_of, who_did
from apps.tables import Row
from bus.messages import StoreOrder
from services.mcp.serve.call import Call

JOURNAL = "pianola://journal"
ROWS = "pianola://rows/{table}"
ADDRESS = re.compile(r"pianola://rows/([a-z][a-z0-9_]{0,62})")
MOST_CHANGES = 100
MOST_ROWS = 200


class NoSuchResource(LookupError):
    """There is nothing at this address."""


def addresses(registry: Registry, call: Call) -> list[tuple[str, str, str]]:
    """Return address, name and description of all that the caller may read."""
    found = [
        (ROWS.format(table=name), name, f"The rows of the table {name}: the first {MOST_ROWS}.")
        for name in registry.tables
        if name != CHANGE.name and call.access.may_read(name)
    ]
    if call.access.may_read(CHANGE.name):
        found.append((JOURNAL, "journal", f"What was changed lately, by whom: the newest {MOST_CHANGES} changes."))
    return found


async def read(call: Call, address: str) -> Row:
    """Return what is at an address. Raises `NoSuchResource`, `NotAllowed` or `Refused`."""
    if address == JOURNAL:
        return await _journal(call)
    named = ADDRESS.fullmatch(address)
    if named is None:
        raise NoSuchResource(f"There is nothing at {address!r:.80}. There is {ROWS}, and {JOURNAL}.")
    table = call.table(named[1])
    sort = "position" if table.sortable else "id"
    answer = await call.read(StoreOrder(verb="list", table=table.name, sort=sort, limit=MOST_ROWS))
    return {"rows": answer.rows, "total": answer.total, "more": answer.more}


async def _journal(call: Call) -> Row:
    """Return the newest changes of rows that the caller may read, each as a sentence with its parts."""
    call.access.check_read(CHANGE.name)
    readable = [name for name in call.workbench.registry.tables if name != CHANGE.name and call.access.may_read(name)]
    order = StoreOrder(verb="list", table=CHANGE.name, where={"subject": readable}, sort="-id", limit=MOST_CHANGES)
    tables = call.workbench.registry.tables
    changes = [
        {
            "change": one["id"],
            "at": one["at"],
            "who": who_did(one),
            "did": verb_of(one),
            "table": one["subject"],
            "row": one["row"],
            "title": title_of({**(one["before"] or {}), **(one["after"] or {})}, tables.get(one["subject"])),
            "undone": bool(one["undone_by"]),
        }
        for one in (await call.read(order)).rows
    ]
    return {"changes": changes}
