"""Pages for paper: a whole conversation, or all rows of a list. Each is read part by part, and sent at once."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from apps.core import MESSAGE
from apps.shown.look import TABLE
from apps.tables import Row, Table
from apps.talk.chain import read_chain
from apps.types.reader import Reader as Person
from bus.errors import PianolaError, Refused
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.files.exports import pages_of, with_first_page
from web.html import printed
from web.html.chat.markdown import render
from web.html.parts.menus import app_title
from web.live.hub import Hub
from web.live.queries import scope
from web.live.rows.linked import read_linked
from web.sign_in.pages import sentence_page
from web.state.filters import filters_of, talk_of, where_of
from web.state.rows.context import RowContext
from web.whom import reader_of

HTML_TYPE = "text/html; charset=utf-8"


class Printing:
    """The handlers of the routes."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus, the apps and the profile in view."""
        self._hub = hub

    async def talk(self, request: Request) -> Response:
        """Return a whole conversation as a page for paper; a branch with the messages before it."""
        key = talk_of(str(request.path_params["talk"]))
        try:
            row = await self._conversation(key) if key else None
            pieces = self._messages(row) if row else None
        except PianolaError as problem:
            return sentence_page(HTTPStatus.SERVICE_UNAVAILABLE, f"{problem} Then print it again.")
        if pieces is None:
            return sentence_page(HTTPStatus.NOT_FOUND, "This conversation is not there (any more).")
        return StreamingResponse(pieces, media_type=HTML_TYPE)

    async def _conversation(self, key: int) -> Row | None:
        try:
            return (await ask_store(self._hub.bus, StoreOrder(verb="get", table="conversation", id=key))).rows[0]
        except Refused as refused:
            if refused.code == "not_found":
                return None
            raise

    async def _messages(self, row: Row) -> AsyncIterator[str]:
        yield printed.talk_head(row)
        for segment in await read_chain(row["id"], self._conversation):
            async for rows in pages_of(self._hub.bus, MESSAGE, segment.where):
                for one in rows:
                    yield printed.message(one)
                    await asyncio.sleep(0)  # tokens of other tabs go first: to render a long answer takes a while
        yield printed.END

    async def app(self, request: Request) -> Response:
        """Return all rows of an app's list as a page for paper, filtered as the address says."""
        name = str(request.path_params["name"])
        table = self._hub.apps.table(name, request.query_params.get(TABLE, ""))
        if table is None:
            return sentence_page(HTTPStatus.NOT_FOUND, f"There is no app {name!r:.60} that could be printed.")
        filters = filters_of(table, request.url.query)
        now = RowContext(reader_of(request)).now
        where = {**scope(table, self._hub.shared.settings), **where_of(table, filters, now)}
        try:
            pages = await with_first_page(pages_of(self._hub.bus, table, where))
        except PianolaError as problem:
            return sentence_page(HTTPStatus.SERVICE_UNAVAILABLE, f"{problem} Then print it again.")
        return StreamingResponse(self._rows(name, table, filters, pages, reader_of(request)), media_type=HTML_TYPE)

    async def _rows(
        self, app: str, table: Table, filters: Row, pages: AsyncIterator[list[Row]], whom: Person
    ) -> AsyncIterator[str]:
        shared = self._hub.shared
        yield printed.list_head(app_title(app, shared.view()), table, filters)
        count = 0
        async for rows in pages:
            count += len(rows)
            linked = await read_linked(self._hub.reader, shared.apps.registry.tables, table, rows, shared.settings)
            context = RowContext(whom, titles=linked.titles, markdown=render)
            yield "".join(printed.list_row(table, row, context) for row in rows)
        yield printed.list_end(table, count)
