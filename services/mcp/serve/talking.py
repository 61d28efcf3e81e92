"""Tools for the page and its assistant: ask it, and open an app or a row."""

import contextlib
from urllib.parse import urlencode

from apps.clients.access import NotAllowed
from apps.clients.question import Question
from apps.core import MESSAGE, SETTING, SHOWN
from apps.shown.look import ROW
from apps.tables import BadValue, Row
from bus.bus import new_id
from bus.errors import Refused
from bus.messages import StoreOrder
from services.mcp.serve.call import Call

ENDS = ("done", "failed")


async def ask(call: Call, given: Row) -> Row:
    """Ask the assistant, and return what it said and did."""
    call.access.check_ask()
    MESSAGE.all_fields["text"].checked(given["text"])
    wants = {"app": _app(call, given["app"])} if given.get("app") else {}
    asked = {"text": given["text"], "conversation": given.get("conversation", 0), "wants": wants}
    question = Question(call.workbench.bus, call.access.name, asked)
    result: Row = {}
    async with contextlib.aclosing(question.follow()) as following:
        async for name, told in following:
            if name in ENDS:
                result = told
    return {"conversation": question.conversation, **result}


async def open_in_page(call: Call, given: Row) -> Row:
    """Open an app in the page of the user, or the page of one row."""
    client = call.access.client
    if client and client.read_only:
        raise NotAllowed("This program only reads, so it opens nothing in the page.")
    app = _app(call, given["app"])
    query = await _row_query(call, app, given["row"]) if given.get("row") else ""
    values = {"app": app, SHOWN: {"app": app, "query": query, "asked": new_id()}}
    orders = [
        {"verb": "update", "table": SETTING.name, "id": key, "values": {"value": value}}
        for key, value in values.items()
    ]
    order = StoreOrder(verb="batch", table=SETTING.name, values={"orders": orders}, client=call.access.name)
    await call.workbench.ask(order, id=f"mcp-{new_id()}")
    return {"outcome": "done", "opened": app}


def _app(call: Call, name: str) -> str:
    """Return the name of an app of which the caller may read a table."""
    apps = {
        name: app
        for name, app in call.workbench.registry.sound.items()
        if any(call.access.may_read(table.name) for table in app.tables)
    }
    if name not in apps:
        raise BadValue("bad_value", f"There is no app {name!r:.60}. There are: {', '.join(apps)}.")
    return name


async def _row_query(call: Call, app: str, key: int | str) -> str:
    """Return what an address says that opens the page of a row of the app's first table."""
    tables = call.workbench.registry.sound[app].tables
    if not tables:
        raise BadValue("bad_value", f"The app {app} shows no rows.")
    call.access.check_read(tables[0].name)
    found = await call.read(StoreOrder(verb="list", table=tables[0].name, where={"id": key}, limit=1))
    if not found.rows:
        raise Refused("not_found", f"There is no row with the id {key!r:.40} in {tables[0].name}.")
    return urlencode({ROW: key})
