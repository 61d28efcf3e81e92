"""A person at the product, seen from the bus: opens an app, says something, waits for all that follows, agrees."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from apps.tables import Row, Table
from bench.real.effects import Rows
from bench.real.product import SERVER
from bus.bus import new_id
from bus.messages import LlmCancel, LlmListed, LlmToken, ServiceAsked, StoreChanged, StoreOrder
from bus.store_client import ask_store
from bus.wire import Envelope
from services.cli.turn import is_open
from tests.support.system import Guest

PATIENCE_SECONDS = 300.0
"""After so long the person presses Stop, if nothing else is said."""
MOST_ROWS = 1_000
FILLER = "(a row that was deleted)"


@dataclass(slots=True)
class Reply:
    """Everything that came of one question."""

    answers: dict[int, Row] = field(default_factory=dict)
    """Rows of the assistant: the answer, and the steps in which the model went on."""
    cards: dict[int, Row] = field(default_factory=dict)
    """What was done, proposed or refused, as it stands at the end."""
    seconds: float = 0.0
    first_word_seconds: float = 0.0
    """From the order that stores the question to the first token; 0: none came."""
    stopped: bool = False
    """The person lost patience."""

    @property
    def said(self) -> str:
        """The words of all steps, with the instructions in them."""
        return "\n".join(row["text"] for row in self.answers.values()).strip()

    @property
    def problem(self) -> str:
        """Why an answer failed, was stopped or was cut; "" if all ended well."""
        ended = next((row for row in self.answers.values() if row["state"] != "done" or row["problem"]), None)
        return f"{ended['state']}: {ended['problem']}".rstrip(": ") if ended else ""

    @property
    def proposals(self) -> list[Row]:
        """The cards that wait for the person's consent."""
        return [card for card in self.cards.values() if card["state"] == "proposed"]

    @property
    def tried(self) -> bool:
        """Whether an instruction was found in what the model wrote."""
        return bool(self.cards) or any((row["detail"] or {}).get("played") for row in self.answers.values())

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return bool(self.answers) and not any(is_open(row) for row in self.answers.values())

    def take(self, row: Row, question: int) -> None:
        """Take a row of the table `message` if it belongs to the question."""
        if row["role"] == "assistant" and row["reply_to"] == question:
            self.answers[row["id"]] = row
        elif row["role"] == "action" and row["reply_to"] in self.answers:
            self.cards[row["id"]] = row


class Person:
    """Speaks in a new conversation."""

    def __init__(self, guest: Guest) -> None:
        """`guest`: is on the bus and hears everything."""
        self.guest = guest
        self.conversation = 0

    async def order(self, verb: Any, table: str, **fields: Any) -> list[Row]:
        """Order something from the store; return the rows of its answer. Raises `Refused`."""
        order = StoreOrder(verb=verb, table=table, **fields)
        return list((await ask_store(self.guest.bus, order, id=new_id())).rows)

    async def set(self, key: str, value: Any) -> None:
        """Change a setting, as it was left some time ago: the model is not told of it."""
        await self.order("update", "setting", id=key, values={"value": value}, actor="system")

    # --- before ---

    async def sit_down(self, app: str, *, mode: str = "quiet") -> None:
        """Open an app and a new conversation."""
        self.conversation = (await self.order("insert", "conversation", values={"title": "Talk"}))[0]["id"]
        for key, value in (("mode", mode), ("app", app), ("conversation", self.conversation)):
            await self.set(key, value)

    async def choose_model(self, path: str = "") -> str:
        """Wait until the model of the server is listed, and choose it; return its name.

        `path`: how it is to write instructions, text or tools; "": as the product decides.
        """
        self.guest.bus.say(ServiceAsked())
        heard = await self.guest.until(lambda heard: isinstance(heard.message, LlmListed) and model_of(heard.message))
        name = model_of(heard.message)
        await self.set("model", name)
        if path:
            await self.set("paths", {name: path})
        return name

    async def fill(self, rows: dict[str, list[Row]], tables: Sequence[Table]) -> None:
        """Put rows into the tables, with their ids: rows between them are inserted and deleted again."""
        for table in tables:
            wanted = {row["id"]: row for row in rows.get(table.name, ())}
            ids = range(1, max(wanted, default=0) + 1)
            filler = {one.name: one.choices[0] if one.choices else FILLER for one in table.fields if one.required}
            orders: list[Row] = [
                {"verb": "insert", "table": table.name, "values": without_id(wanted.get(number, filler))}
                for number in ids
            ]
            orders += [{"verb": "delete", "table": table.name, "id": number} for number in ids if number not in wanted]
            if orders:
                await self.order("batch", table.name, values={"orders": orders}, actor="system")

    async def rows(self, tables: Sequence[Table]) -> Rows:
        """Return all rows of these tables, in their order."""
        return {
            table.name: await self.order(
                "list", table.name, sort="position" if table.sortable else "id", limit=MOST_ROWS
            )
            for table in tables
        }

    # --- talk ---

    async def say(self, text: str, seconds: float = PATIENCE_SECONDS) -> Reply:
        """Say something, and return all that came of it. After `seconds` stop the answer."""
        values = {"conversation": self.conversation, "role": "user", "text": text}
        heard_before, begun = len(self.guest.heard), time.monotonic()
        question = (await self.order("insert", "message", values=values))[0]["id"]
        reply = Reply()

        def over(heard: Envelope) -> bool:
            if isinstance(heard.message, LlmToken) and heard.key == str(self.conversation):
                reply.first_word_seconds = reply.first_word_seconds or time.monotonic() - begun
            if isinstance(heard.message, StoreChanged) and heard.message.table == "message" and heard.message.row:
                reply.take(heard.message.row, question)
            return reply.is_over

        try:
            await self.guest.until(over, seconds, after=heard_before)
        except AssertionError:
            reply.stopped = True
            self._stop(reply)
            await self.guest.until(over, after=heard_before)
        reply.seconds = time.monotonic() - begun
        return reply

    def _stop(self, reply: Reply) -> None:
        for row in reply.answers.values():
            if row["state"] == "streaming":
                cancel = LlmCancel(generation=f"{row['id']}.{row['attempt']}")
                self.guest.bus.say(cancel, self.conversation)

    async def agree(self, reply: Reply) -> None:
        """Agree to everything that is proposed, and wait until it was done or refused."""
        for card in reply.proposals:
            heard_before = len(self.guest.heard)
            await self.order("update", "message", id=card["id"], values={"state": "agreed"})
            heard = await self.guest.until(partial(is_decided, card=card["id"]), after=heard_before)
            reply.cards[card["id"]] = heard.message.row


def model_of(listed: LlmListed) -> str:
    """Return the name of the first model of our server; "" if there is none."""
    return next((str(one["name"]) for one in listed.models if one.get("server") == SERVER), "")


def is_decided(heard: Envelope, card: int) -> bool:
    """Return whether a message says that a card was carried out or refused."""
    fact = heard.message
    if not isinstance(fact, StoreChanged) or fact.table != "message" or fact.id != card:
        return False
    return fact.row.get("state") in ("applied", "refused")


def without_id(row: Row) -> Row:
    """Return the values of a row as an insert takes them."""
    return {name: value for name, value in row.items() if name != "id"}
