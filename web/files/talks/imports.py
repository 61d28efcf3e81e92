"""Import a file of conversations: each becomes a new conversation, with its messages; nothing that is there changes."""

import asyncio
import secrets
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.files.talks.format import BadFile, read_file
from web.files.uploads import SILENT_SECONDS, BadUpload, limited
from web.live.hub import Hub
from web.state.limits import LARGEST_FILE_BYTES
from web.state.words import count

MOST_AT_ONCE = 200
"""Messages in one order: it must stay below the size of one message on the bus."""
MOST_CHARACTERS = 400_000
"""Characters of their texts in one order, unless a single message has more."""
BROKEN = "{done} of {all} were imported; then: {problem} Those can be deleted, or kept."


class TalkImports:
    """The handler of the route."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus."""
        self._bus = hub.bus

    async def take(self, request: Request) -> Response:
        """Receive the body as a file, and import it; answer with a sentence."""
        try:
            talks = await asyncio.to_thread(read_file, await received(request))
            done = await self._import(talks)
        except BadUpload as problem:
            return PlainTextResponse(str(problem), problem.status, {"Connection": "close"})
        except BadFile as problem:
            return PlainTextResponse(str(problem), HTTPStatus.UNPROCESSABLE_ENTITY)
        return PlainTextResponse(done, HTTPStatus.CREATED)

    async def _import(self, talks: list[Row]) -> str:
        ids, name = Ids(), secrets.token_hex(8)
        for number, talk in enumerate(in_order(talks)):
            try:
                await self._import_one(f"import-{name}-{number}", talk, ids)
            except PianolaError as problem:
                return BROKEN.format(done=number, all=count(len(talks), "conversation"), problem=problem)
        messages = sum(len(talk["messages"]) for talk in talks)
        return f"Imported {count(len(talks), 'conversation')} with {count(messages, 'message')}."

    async def _import_one(self, name: str, talk: Row, ids: "Ids") -> None:
        values = {key: value for key, value in talk.items() if key not in ("id", "messages", "parent", "before")}
        values |= {"parent": ids.talks.get(talk.get("parent", 0), 0), "before": ids.before(talk.get("before", 0))}
        made = await self._ask(StoreOrder(verb="insert", table="conversation", values=values), name)
        key = ids.talks[talk["id"]] = made[0]["id"]
        for step, messages in enumerate(portions(talk["messages"])):
            await self._insert(f"{name}-{step}", key, messages, ids)

    async def _insert(self, name: str, conversation: int, messages: list[Row], ids: "Ids") -> None:
        """Insert messages, and then what they answer: ids are known only afterwards."""
        rows = [{**one, "conversation": conversation, "reply_to": 0} for one in messages]
        made = await self._batch(
            [{"verb": "insert", "table": "message", "values": without_id(row)} for row in rows], name
        )
        ids.messages |= {one["id"]: new["id"] for one, new in zip(messages, made, strict=True)}
        answers = [
            {"verb": "update", "table": "message", "id": ids.messages[one["id"]], "values": {"reply_to": question}}
            for one in messages
            if (question := ids.messages.get(one.get("reply_to", 0), 0))
        ]
        if answers:
            await self._batch(answers, f"{name}-answers")

    async def _batch(self, orders: list[Row], name: str) -> list[Row]:
        return await self._ask(StoreOrder(verb="batch", table="message", values={"orders": orders}), name)

    async def _ask(self, order: StoreOrder, name: str) -> list[Row]:
        return (await ask_store(self._bus, order, id=name)).rows


class Ids:
    """New ids by those in the file."""

    def __init__(self) -> None:
        """None at first."""
        self.talks: dict[int, int] = {}
        self.messages: dict[int, int] = {}

    def before(self, message: int) -> int:
        """Return the new id of the message before which a branch ends its parent; of the next one that there is."""
        later = [key for key in self.messages if key >= message]
        if not message or not self.messages:
            return 0
        return self.messages[min(later)] if later else max(self.messages.values()) + 1


def without_id(row: Row) -> Row:
    """Return the values of a row."""
    return {name: value for name, value in row.items() if name != "id"}


def in_order(talks: list[Row]) -> list[Row]:
    """Return conversations so that each stands behind the one that it branched from."""
    known = {talk["id"] for talk in talks}
    done: set[int] = set()
    sorted_: list[Row] = []
    waiting = talks
    while waiting:
        ready = [talk for talk in waiting if talk.get("parent", 0) not in known - done] or waiting
        sorted_ += ready
        done |= {talk["id"] for talk in ready}
        waiting = [talk for talk in waiting if talk["id"] not in done]
    return sorted_


def portions(messages: list[Row]) -> list[list[Row]]:
    """Return messages in portions that fit into one order."""
    found: list[list[Row]] = []
    size = MOST_CHARACTERS
    for one in messages:
        length = len(one.get("text", "")) + len(one.get("thinking", ""))
        if not found or size + length > MOST_CHARACTERS or len(found[-1]) >= MOST_AT_ONCE:
            found.append([])
            size = 0
        found[-1].append(one)
        size += length
    return found


async def received(request: Request) -> bytes:
    """Return the body; raises `BadUpload` when it is too large, or comes too slowly."""
    try:
        async with asyncio.timeout(SILENT_SECONDS * 4):
            return b"".join([chunk async for chunk in limited(request.stream(), LARGEST_FILE_BYTES)])
    except ClientDisconnect:
        raise BadUpload(HTTPStatus.BAD_REQUEST, "The upload was interrupted. Nothing was imported.") from None
    except TimeoutError:
        raise BadUpload(HTTPStatus.REQUEST_TIMEOUT, "The upload took too long, so it was ended.") from None
