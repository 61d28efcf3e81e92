"""`GET /rows/TABLE`: rows of a table, filtered, in order, page by page."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from apps.clients.access import Access
from apps.tables import BadValue, Field, Row, Table
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder, Values
from bus.store_client import ask_store
from web.api.answers import answer
from web.api.problems import api_problem, bad_request, unknown_table
from web.live.hub import Hub
from web.state.form_values import from_form

PAGE = 100
OPTIONS = ("where", "search", "sort", "limit", "offset")
"""Parameters that are no filter by a field of that name."""
BOUNDS = ("from", "to")
LARGEST_NUMBER = 10**9


class RowsDoor:
    """Answers `GET /rows/TABLE`."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus, and the tables."""
        self._hub = hub

    async def list(self, request: Request, access: Access) -> Response:
        """Return rows of a table."""
        name = str(request.path_params["table"])
        access.check_read(name)
        order = order_of(self._table(name), request.query_params)
        found = await ask_store(self._hub.bus, order)
        data: Values = {"rows": found.rows, "more": found.more, "total": found.total, "revision": found.revision}
        return answer(data, headers=_link_to_next(request, order, len(found.rows)) if found.more else None)

    def _table(self, name: str) -> Table:
        tables = self._hub.registry.tables
        if name not in tables:
            raise unknown_table(name, tables)
        return tables[name]


def order_of(table: Table, query: QueryParams) -> StoreOrder:
    """Return the order that a query asks for. Raises `ApiProblem`."""
    where = _json_filter(query.get("where", "")) | filters_of(table, query)
    limit = min(_number(query, "limit", PAGE) or PAGE, MAX_ANSWER_ROWS)
    order = StoreOrder(verb="list", table=table.name, where=where, limit=limit, offset=_number(query, "offset", 0))
    if "search" in query:
        return replace(order, verb="search", values={"text": query["search"]})
    return replace(order, sort=query.get("sort", ""))


def filters_of(table: Table, query: QueryParams) -> Row:
    """Return the filters by fields: `done=false`, several times for one of several values, `due.from=2026-01-01`."""
    where: Row = {}
    for name in dict.fromkeys(query):
        if name in OPTIONS:
            continue
        field_name, _, bound = name.partition(".")
        one = _field(table, field_name)
        values = [_value(one, text) for text in query.getlist(name)]
        if bound:
            if bound not in BOUNDS or len(values) > 1:
                raise bad_request(f"The filter {name!r:.60} is not known. Write {field_name}.from or .to, once.", name)
            where[field_name] = {**where.get(field_name, {}), bound: values[0]}
        else:
            where[field_name] = values[0] if len(values) == 1 else values
    return where


def _field(table: Table, name: str) -> Field:
    one = Field("id", "text" if table.keyed else "integer") if name == "id" else table.all_fields.get(name)
    if one is None:
        known = ", ".join(("id", *table.all_fields, *OPTIONS))
        raise bad_request(f"`{table.name}` has no field {name!r:.60} to filter by. Parameters: {known}.", name[:60])
    return one


def _value(one: Field, text: str) -> Any:
    """Return what a text means for a filter; of a list (tags, links) its one value."""
    try:
        value = from_form(one, text)
    except BadValue as problem:
        raise api_problem(problem) from None
    return value[0] if type(value) is list and len(value) == 1 else value


def _json_filter(text: str) -> Row:
    try:
        where = json.loads(text or "{}")
    except (ValueError, RecursionError):
        where = None
    if type(where) is not dict:
        raise bad_request(f'`where` is {text!r:.60}. Expected a JSON object like {{"done": false}}.', "where")
    return where


def _number(query: QueryParams, name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= LARGEST_NUMBER):
        raise bad_request(f"`{name}` is {text!r:.60}. Expected a whole number, 0 or more.", name)
    return int(text)


def _link_to_next(request: Request, order: StoreOrder, shown: int) -> dict[str, str]:
    """Return the header that names the next page (RFC 8288)."""
    pairs = [(name, text) for name, text in request.query_params.multi_items() if name != "offset"]
    query = urlencode([*pairs, ("offset", str(order.offset + shown))])
    return {"Link": f'<{request.url.path}?{query}>; rel="next"'}
