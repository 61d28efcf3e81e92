"""One turn of the chat: a question, what is said to it, and what is done because of it."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from bus.bus import Bus, new_id
from bus.errors import NoAnswer, PianolaError
from bus.message_line import plain
from bus.messages import LlmToken, ServiceChanged, StoreChanged, StoreOrder
from bus.store_client import ask_store
from bus.transcript import Transcript
from bus.wire import Envelope
from services.cli.spoken import Output, Spoken
from services.cli.talk.stop import stop

Row = dict[str, Any]

GREETING_SECONDS = 5.0
AGENT_SECONDS = 10.0
"""How long the agent may take to begin. How long the model may take is set elsewhere: see docs/settings.md."""
SILENT_SECONDS = 7.0
"""When no process has been heard for so long (each beats every 2 s), the system has ended."""
CHECK_SECONDS = 0.5
MOST_ROWS = 1_000
MOST_ROWS_BEFORE = 100
"""Messages before the question among which an answer is looked for that is not complete."""
OLD_SECONDS = 3_600.0
"""An answer that was begun longer ago is no reason to wait: the agent leaves it alone after a crash."""
LONGEST_QUESTION = 60
"""Characters of the question that is waited for."""

EXIT_FAILED = 1
EXIT_WAITS_FOR_CONSENT = 5
EXIT_CHANGE_REFUSED = 6

STOPPED = "The answer was stopped before it was complete."
UNPRINTED = "the answer could not be printed whole: {}. It is kept, and stands in the page."

PREFIXES = {"applied": "", "refused": "Not done: ", "proposed": "Waits for your consent in the page: "}
"""What stands before the text of an entry, by its state."""


class SilentAgent(PianolaError):
    """Nobody began to answer."""

    def __init__(self) -> None:
        super().__init__(
            f"the agent has not begun to answer within {AGENT_SECONDS:.0f} s; `pianola status` shows what is wrong. "
            f"The question is kept, and will be answered when the agent is back."
        )


class SystemEnded(PianolaError):
    """All processes fell silent during the turn."""

    def __init__(self) -> None:
        super().__init__(
            f"no process of Pianola has been heard for {SILENT_SECONDS:.0f} s, so it has ended in the middle of the "
            f"answer. The question is kept: `pianola up` starts everything, and the answer goes on there."
        )


class Turn:
    """Follows the rows of one question: its answer, the steps behind it, and the entries of what was done."""

    def __init__(
        self,
        bus: Bus,
        conversation: int,
        output: Output,
        print_problem: Callable[[str], None],
        prefixes: Mapping[str, str] = PREFIXES,
    ) -> None:
        """`bus`: connected and greeted. `output`: gets what is said and done."""
        self._prefixes = prefixes
        self._is_stopped = False
        self._bus, self._conversation = bus, conversation
        self._output, self._print_problem = output, print_problem
        self._spoken = Spoken(output)
        self._question = 0
        self._answers: dict[int, Row] = {}
        """Rows of the assistant that belong to the question, by their ids."""
        self._entries: dict[int, Row] = {}
        """Entries of what was done, proposed or refused, as they were first heard."""
        self._finished: set[str] = set()
        """Generations whose whole text was printed."""
        self._transcript = Transcript("")
        self._early: list[StoreChanged] = []
        """Facts that came before the id of the question was known."""
        self._heard_at = time.monotonic()
        self._looking: asyncio.Task[None] | None = None
        self._late_stop: asyncio.Future[None] | None = None
        self._begun, self._ended = asyncio.Event(), asyncio.Event()

    async def take(self, text: str, wants: Mapping[str, str] | None = None) -> int:
        """Ask, and print until everything is said and done. `wants`: the app and the model of this question, or "".

        Returns 0 when it was answered and all changes were made, 1 when the answer failed, was stopped or could not be
        printed, 5 when a proposal waits for the user's consent, 6 when a change was refused. Raises `BrokenPipeError`
        when the reader of the output is gone.
        """
        self._bus.hear(StoreChanged, lambda heard: self._heard_fact(heard.message), "message")
        self._bus.hear(LlmToken, self._heard_token, self._conversation)
        self._bus.hear(ServiceChanged, self._heard_beat)
        self._bus.on_reconnected = self._start_looking
        await self._bus.greet(GREETING_SECONDS)  # the subscriptions are in effect now
        self._question = await self._insert(text, {name: value for name, value in (wants or {}).items() if value})
        for fact in self._early:
            self._heard_fact(fact)
        await self._tell_what_is_before()
        await self._wait_for_beginning()
        await self._wait_for_end()
        return self._exit_code()

    async def stop(self) -> None:
        """Stop the answer; `take` then ends when that is stored."""
        self._is_stopped = True
        for row in list(self._answers.values()):
            await self._stop(row)

    async def _stop(self, row: Row) -> None:
        if row["state"] == "streaming":
            await stop(self._bus, row, self._transcript.text)

    @property
    def entries(self) -> list[Row]:
        """What was done, proposed or refused, in its order."""
        return list(self._entries.values())

    def report(self, code: int) -> Row:
        """Return what came of the turn, for programs. `code`: the exit code."""
        answers = ("id", "state", "text", "problem", "model")
        return {
            "conversation": self._conversation,
            "question": self._question,
            "answers": [{name: row[name] for name in answers} for row in self._answers.values()],
            "entries": [
                {
                    "id": row["id"],
                    "state": row["state"],
                    "text": row["text"],
                    "changes": (row["detail"] or {}).get("changes") or [],
                }
                for row in self.entries
            ],
            "exit": code,
        }

    async def _insert(self, text: str, wants: Row) -> int:
        values: Row = {"conversation": self._conversation, "role": "user", "text": text}
        if wants:
            values["detail"] = {"wants": wants}
        order = StoreOrder(verb="insert", table="message", values=values)
        question: int = (await ask_store(self._bus, order, id=new_id())).rows[0]["id"]
        return question

    async def _tell_what_is_before(self) -> None:
        """Say whose answer comes first, if one of the same conversation is not complete yet."""
        where = {"conversation": self._conversation, "id": {"to": self._question - 1}}
        order = StoreOrder(verb="list", table="message", where=where, sort="-id", limit=MOST_ROWS_BEFORE)
        rows = (await ask_store(self._bus, order)).rows
        if question := question_before(rows, time.time()):
            self._print_problem(f"waits for the answer to “{question}”; Stop in the page ends that one.")

    async def _wait_for_beginning(self) -> None:
        try:
            async with asyncio.timeout(AGENT_SECONDS):
                await self._begun.wait()
        except TimeoutError:
            raise SilentAgent from None

    async def _wait_for_end(self) -> None:
        """Wait for the end of the turn; raises `SystemEnded` when nobody is left who could bring it."""
        while not self._ended.is_set():
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._ended.wait()
            except TimeoutError:
                if self._output.closed:
                    raise BrokenPipeError from None
                if time.monotonic() - self._heard_at > SILENT_SECONDS:
                    raise SystemEnded from None

    # --- what is heard ---

    def _heard_beat(self, _heard: Envelope) -> None:
        self._heard_at = time.monotonic()

    def _heard_fact(self, fact: StoreChanged) -> None:
        if not self._question:
            self._early.append(fact)
        elif fact.verb in ("delete", "erase"):
            self._answers.pop(int(fact.id), None)
            self._check_end()
        else:
            self._take_row(fact.row)

    def _start_looking(self) -> None:
        self._looking = asyncio.create_task(self._look_again())

    async def _look_again(self) -> None:
        """Read the rows of the turn: facts may have been lost while the broker was away."""
        where = {"conversation": self._conversation, "id": {"from": self._question or 1}}
        order = StoreOrder(verb="list", table="message", where=where, sort="id", limit=MOST_ROWS)
        try:
            answer = await ask_store(self._bus, order)
        except NoAnswer:
            return  # the next beat, or their absence, tells how it goes on
        for row in answer.rows if self._question else ():
            self._take_row(row)

    def _heard_token(self, heard: Envelope) -> None:
        token: LlmToken = heard.message
        if token.generation == self._transcript.generation and self._transcript.add(token) and not token.thinking:
            self._spoken.grow(self._transcript.text)

    # --- the rows of the turn ---

    def _take_row(self, row: Row) -> None:
        if row["role"] == "assistant" and row["reply_to"] == self._question:
            self._answers[row["id"]] = row
            self._begun.set()
            self._show_answer(row)
            if self._is_stopped:
                self._late_stop = asyncio.ensure_future(self._stop(row))
        elif row["role"] == "action" and row["reply_to"] in self._answers and row["id"] not in self._entries:
            self._entries[row["id"]] = row
            self._output.write(f"{plain(self._prefixes.get(row['state'], '') + row['text'])}\n")
        self._check_end()

    def _show_answer(self, row: Row) -> None:
        generation = f"{row['id']}.{row['attempt']}"
        if row["state"] == "streaming":
            if generation != self._transcript.generation:
                self._transcript = Transcript(generation)
        elif generation not in self._finished:
            self._finished.add(generation)
            self._spoken.finish(row["text"], (row["detail"] or {}).get("spans") or ())
            if row["problem"]:
                self._print_problem(row["problem"])

    def _check_end(self) -> None:
        if self._begun.is_set() and not any(is_open(row) for row in self._answers.values()):
            self._ended.set()

    def _exit_code(self) -> int:
        """Return what came of the turn."""
        states = [entry["state"] for entry in self._entries.values()]
        last = self._answers[max(self._answers)] if self._answers else {}
        if last.get("state") == "stopped":
            self._print_problem(STOPPED)
        if self._output.problem:
            self._print_problem(UNPRINTED.format(self._output.problem))
        if last.get("state") != "done" or self._output.problem:
            return EXIT_FAILED
        if "refused" in states:
            return EXIT_CHANGE_REFUSED
        return EXIT_WAITS_FOR_CONSENT if "proposed" in states else 0


def question_before(rows: list[Row], now: float) -> str:
    """Return the question whose answer is not complete yet, as people write it in a line; "" for none.

    `rows`: the newest messages before ours, the newest first. `now`: Unix seconds.
    """
    recent = (row for row in rows if row["created"] > now - OLD_SECONDS)
    waited = next(
        (row["reply_to"] for row in recent if row["role"] == "assistant" and row["reply_to"] and is_open(row)), 0
    )
    return next((in_one_line(row["text"]) for row in rows if row["id"] == waited), "")


def in_one_line(question: str) -> str:
    """Return a question as a part of a line, shortened."""
    line = plain(" ".join(question[: LONGEST_QUESTION * 2].split()))
    return line if len(line) <= LONGEST_QUESTION else f"{line[:LONGEST_QUESTION]}…"


def is_open(row: Row) -> bool:
    """Return whether more is to come of a row: text, or what its instructions bring."""
    detail = row["detail"] or {}
    instructs = bool(detail.get("spans") or detail.get("calls"))
    whole = row["state"] == "done" and not row["problem"]
    return bool(row["state"] == "streaming" or (whole and instructs and not detail.get("played")))
