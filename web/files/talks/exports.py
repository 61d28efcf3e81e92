"""Download conversations as Markdown or JSON: one, several or all. Each is read, and sent at once."""

import time
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from apps.core import CONVERSATION, MESSAGE
from apps.tables import Row
from apps.talk.chain import read_chain
from bus.errors import PianolaError
from web.files.exports import JSON_TYPE, disposition, pages_of
from web.files.talks.format import KIND, VERSION, as_markdown, written_talk
from web.live.hub import Hub
from web.sign_in.pages import sentence_page
from web.state.filters import talk_of

MARKDOWN_TYPE = "text/markdown; charset=utf-8"
HEAD = f'{{"pianola": "{KIND}", "version": {VERSION}, "conversations": [\n'
TAIL = "\n]}\n"

Write = Callable[[dict[int, Row], list[int]], AsyncIterator[str]]


class TalkExports:
    """The handlers of the routes."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus."""
        self._bus = hub.bus

    async def as_markdown(self, request: Request) -> Response:
        """Return conversations as people read them; a branch with the messages before it."""
        return await self._send(request, "md", MARKDOWN_TYPE, self._markdown)

    async def as_json(self, request: Request) -> Response:
        """Return conversations so that they can be imported again, with those that they branched from."""
        return await self._send(request, "json", JSON_TYPE, self._json)

    async def _send(self, request: Request, ending: str, media_type: str, write: Write) -> Response:
        asked = [talk_of(text) for text in request.query_params.getlist("id")]
        try:
            rows = {row["id"]: row for row in await self._all(CONVERSATION.name, {})}
        except PianolaError as problem:
            return sentence_page(HTTPStatus.SERVICE_UNAVAILABLE, f"{problem} Then export it again.")
        keys = [key for key in asked if key is not None and key in rows]
        if len(keys) < len(asked):
            return sentence_page(HTTPStatus.NOT_FOUND, "One of these conversations is not there (any more).")
        chosen = keys or [key for key, row in rows.items() if not row["version"]]
        headers = {"Content-Disposition": disposition(file_name([rows[key] for key in keys], ending))}
        return StreamingResponse(write(rows, chosen), media_type=media_type, headers=headers)

    async def _markdown(self, rows: dict[int, Row], keys: list[int]) -> AsyncIterator[str]:
        async def read(key: int) -> Row | None:
            return rows.get(key)

        for key in keys:
            chain = await read_chain(key, read)
            messages = [message for segment in chain for message in await self._all(MESSAGE.name, segment.where)]
            for piece in as_markdown(rows[key], messages):
                yield piece

    async def _json(self, rows: dict[int, Row], keys: list[int]) -> AsyncIterator[str]:
        before = HEAD
        for key in sorted(related(rows, keys)):
            yield before + written_talk(rows[key], await self._all(MESSAGE.name, {"conversation": key}))
            before = ",\n"
        yield (HEAD if before == HEAD else "") + TAIL

    async def _all(self, table: str, where: Row) -> list[Row]:
        found = {CONVERSATION.name: CONVERSATION, MESSAGE.name: MESSAGE}[table]
        return [row async for page in pages_of(self._bus, found, where) for row in page]


def related(rows: dict[int, Row], keys: list[int]) -> set[int]:
    """Return conversations with all from which they branched, and all other versions of them."""
    found: set[int] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key in found or key not in rows:
            continue
        found.add(key)
        waiting.append(rows[key]["parent"])
        waiting += [other for other, row in rows.items() if row["version"] and row["parent"] == key]
    return found


def file_name(chosen: list[Row], ending: str) -> str:
    """Return the name of the file: the title of a single conversation, and the day."""
    title = (chosen[0]["title"][:60] if len(chosen) == 1 else "") or "conversations"
    return f"{title}-{time.strftime('%Y-%m-%d')}.{ending}"
