"""`pianola ask`: one turn of the chat from the terminal; it shows in the page as well."""

import argparse
import asyncio
import sys
from typing import Any

from bus.bus import Bus, new_id
from bus.errors import PianolaError, Refused
from bus.lines import plain
from bus.messages import LlmToken, StoreAnswer, StoreChanged, StoreOrder
from bus.settings import Settings, load
from bus.transcript import Transcript
from bus.wire import Envelope
from services.cli.bus_probe import check_bus

GREETING_SECONDS = 5.0
SILENT_SECONDS = 10.0
"""How long the agent may take to begin. How long the model may take is its own affair: see docs/settings.md."""


class EmptyQuestion(PianolaError):
    """There is nothing to ask."""

    def __init__(self) -> None:
        super().__init__('the question is empty. Write it behind the command: pianola ask "add milk".')


class SilentAgent(PianolaError):
    """Nobody began to answer."""

    def __init__(self) -> None:
        super().__init__(
            f"the agent has not begun to answer within {SILENT_SECONDS:.0f} s; `pianola status` shows what is wrong. "
            f"The question is kept, and will be answered when the agent is back."
        )


def run(arguments: argparse.Namespace) -> int:
    """Ask, print the answer as it comes, return 1 if there was a problem."""
    settings = load()
    check_bus(settings)
    text = sys.stdin.read() if arguments.text == "-" else arguments.text
    if not text.strip():
        raise EmptyQuestion
    return asyncio.run(ask(settings, text))


async def ask(settings: Settings, text: str) -> int:
    """Join the bus for one turn."""
    bus = Bus("ask", settings, lambda sentence, _error: _complain(sentence))
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        turn = Turn(bus, await current_conversation(bus))
        return await turn.take(text)
    finally:
        bus.close()


async def current_conversation(bus: Bus) -> int:
    """Return the conversation that the page shows; make one if there is none."""
    setting = await _order(bus, StoreOrder(verb="list", table="setting", where={"id": "conversation"}))
    found = setting.rows[0]["value"] if setting.rows else None
    if isinstance(found, int):
        existing = await _order(bus, StoreOrder(verb="list", table="conversation", where={"id": found}))
        if existing.rows:
            return found
    made = await _order(bus, StoreOrder(verb="insert", table="conversation"))
    conversation: int = made.rows[0]["id"]
    values = {"value": conversation}
    await _order(bus, StoreOrder(verb="update", table="setting", id="conversation", values=values))
    return conversation


async def _order(bus: Bus, order: StoreOrder) -> StoreAnswer:
    answer: StoreAnswer = (await bus.ask(order, order.table, id=new_id())).message
    if not answer.ok:
        raise Refused(answer.error.get("code", "failed"), answer.error.get("message", "The store refused the order."))
    return answer


class Turn:
    """A question and its answer."""

    def __init__(self, bus: Bus, conversation: int) -> None:
        """`bus`: connected and greeted."""
        self._bus, self._conversation = bus, conversation
        self._question = 0
        self._answer: dict[str, Any] = {}
        self._transcript = Transcript("")
        self._printed = 0
        self._early: list[Envelope] = []
        self._begun, self._ended = asyncio.Event(), asyncio.Event()

    async def take(self, text: str) -> int:
        """Ask, and print until the answer has ended; return the exit code."""
        self._bus.hear(StoreChanged, self._heard_fact, "message")
        self._bus.hear(LlmToken, self._heard_token, self._conversation)
        await self._bus.greet(GREETING_SECONDS)  # what was subscribed to is in effect now
        values = {"conversation": self._conversation, "role": "user", "text": text}
        self._question = (await _order(self._bus, StoreOrder(verb="insert", table="message", values=values))).rows[0][
            "id"
        ]
        for heard in self._early:
            self._heard_fact(heard)
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                await self._begun.wait()
        except TimeoutError:
            raise SilentAgent from None
        await self._ended.wait()
        return self._end()

    def _heard_fact(self, heard: Envelope) -> None:
        """Follow the answer's row from its insert to its last state."""
        row = heard.message.row
        if not self._question:
            self._early.append(heard)
        elif row.get("reply_to") == self._question and row.get("role") == "assistant":
            self._answer = row
            self._begun.set()
            generation = f"{row['id']}.{row['attempt']}"
            if generation != self._transcript.generation:
                self._transcript = Transcript(generation)
            if row["state"] != "streaming":
                self._ended.set()

    def _heard_token(self, heard: Envelope) -> None:
        token: LlmToken = heard.message
        if token.generation == self._transcript.generation and self._transcript.add(token) and not token.thinking:
            self._print(self._transcript.text)

    def _print(self, text: str) -> None:
        """Print what is new in a text that grows."""
        sys.stdout.write(plain(text[self._printed :]))
        sys.stdout.flush()
        self._printed = len(text)

    def _end(self) -> int:
        """Print what is still missing of the stored text, for tokens may be lost, and the problem if there is one."""
        self._print(self._answer["text"])
        sys.stdout.write("\n")
        if problem := self._answer.get("problem"):
            _complain(problem)
        return 0 if self._answer["state"] in ("done", "stopped") else 1


def _complain(sentence: str) -> None:
    sys.stderr.write(f"pianola: {sentence}\n")
