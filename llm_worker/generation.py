"""One generation: the text so far, and the messages about it."""

import json
import time
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from bus.messages import (
    MAX_TEXT_CHARACTERS,
    LlmFailed,
    LlmFinished,
    LlmProgressed,
    LlmRecalled,
    LlmStarted,
    LlmToken,
)
from llm_worker.spool import End, Spooled
from llm_worker.stream.pieces import NO_COUNTS, Counts, Piece, Progress
from llm_worker.stream.repetition import RepetitionDetector, repetition_in

State = Literal["running", "ended", "lost"]
PROGRESS_SECONDS = 1.0
"""Shortest time between two messages about the same state."""
LOST = (
    "The process that talks to the model ended in the middle of this answer. "
    "What had come is kept: continue from there, or try again."
)


@dataclass(slots=True)
class Generation:
    """The text so far, limited in length, and the end once it has come."""

    name: str
    key: str
    """Key of its messages: the conversation."""
    model: str
    loaded: bool = True
    server: str = ""
    cause: str = ""
    """Id of the order to generate it: the cause of all messages about it."""
    running: bool = True
    cancelled: bool = False
    """The user has stopped it."""
    end: End | None = None
    next: int = 0
    full: bool = False
    """The model wrote more than a message of the bus can hold."""
    _pieces: list[str] = field(default_factory=list)
    _thoughts: list[str] = field(default_factory=list)
    _waiting: list[tuple[bool, str]] = field(default_factory=list)
    """Texts that were not said yet, each with whether it is reasoning."""
    _tool_calls: list[dict[str, Any]] = field(default_factory=list)
    _characters: int = 0
    _repetition: RepetitionDetector = field(default_factory=RepetitionDetector)
    _repetition_in_thoughts: RepetitionDetector = field(default_factory=RepetitionDetector)
    repeated: bool = False
    """The model repeats itself without end."""
    _written: int = 0
    """Pieces that the model has written: about as many as tokens."""
    _counts: Counts = NO_COUNTS
    _progress: Progress | None = None
    """What was said last about what the server does."""
    _progress_at: float = 0.0
    _started: float = field(default_factory=time.monotonic)
    _first_token: float = 0.0
    """When the model began to write (monotonic seconds); 0: not yet."""

    @classmethod
    def from_spool(cls, name: str, key: str, spooled: Spooled) -> "Generation":
        """Return a generation of an earlier run of this process, as far as its file has it."""
        return cls(
            name,
            key,
            spooled.model,
            running=False,
            end=spooled.end,
            next=len(spooled.pieces) + len(spooled.thoughts),
            _pieces=spooled.pieces,
            _thoughts=spooled.thoughts,
        )

    @property
    def state(self) -> State:
        """As in `llm.recalled`."""
        return "running" if self.running else "ended" if self.end else "lost"

    @property
    def text(self) -> str:
        """The answer so far, without the reasoning."""
        return "".join(self._pieces)

    def add(self, piece: Piece) -> None:
        """Add a piece. Its texts wait until `tokens` is called, the reasoning first."""
        if piece.was_reasoning:
            self._waiting = [(True, text) for _, text in self._waiting]
            self._thoughts, self._pieces = [*self._thoughts, *self._pieces], []
        for text, thinking in ((piece.thinking, True), (piece.text, False)):
            if fitting := self._within_limit(text):
                self._waiting.append((thinking, fitting))
                self._look_for_repetition(fitting, thinking)
        self._add_calls(piece.tool_calls)
        if piece.written and not self._first_token:
            self._first_token = time.monotonic()
        self._written += piece.written
        if piece.end:
            self._counts = piece.counts
        elif (read := piece.progress) and read.prompt_tokens:
            self._counts = Counts(
                prompt_tokens=read.prompt_tokens, known_tokens=read.known_tokens, read_tokens=read.read_tokens
            )

    def _look_for_repetition(self, text: str, thinking: bool) -> None:
        detector = self._repetition_in_thoughts if thinking else self._repetition
        self.repeated = self.repeated or detector.add(text)

    def progress(self, piece: Piece) -> LlmProgressed | None:
        """Return what to say about the server's work; None when that was said, or a moment ago something like it."""
        now = Progress("writing") if piece.written else piece.progress
        last = self._progress
        if now is None or now == last or (last and last.state == "writing"):
            return None
        if last and now.state == last.state and time.monotonic() - self._progress_at < PROGRESS_SECONDS:
            return None
        self._progress, self._progress_at = now, time.monotonic()
        return LlmProgressed(
            generation=self.name,
            state=now.state,
            prompt_tokens=now.prompt_tokens,
            known_tokens=now.known_tokens,
            read_tokens=now.read_tokens,
        )

    @property
    def waiting(self) -> int:
        """How many texts wait to be said."""
        return len(self._waiting)

    def tokens(self) -> list[LlmToken]:
        """Return the waiting texts as tokens. Neighbours of the same kind (reasoning or answer) become one token."""
        waiting, self._waiting = self._waiting, []
        return [
            self._token("".join(text for _, text in texts), thinking)
            for thinking, texts in groupby(waiting, key=itemgetter(0))
        ]

    def _token(self, text: str, thinking: bool) -> LlmToken:
        (self._thoughts if thinking else self._pieces).append(text)
        self.next += 1
        return LlmToken(generation=self.name, index=self.next - 1, text=text, thinking=thinking)

    def _within_limit(self, text: str) -> str:
        fitting = text[: MAX_TEXT_CHARACTERS - self._characters]
        self._characters += len(fitting)
        self.full = self.full or len(fitting) < len(text)
        return fitting

    def _add_calls(self, calls: list[dict[str, Any]]) -> None:
        if calls and self._within_limit(json.dumps(calls)) and not self.full:
            self._tool_calls.extend(calls)

    # --- messages about it ---

    def started(self) -> LlmStarted:
        """Return the message that it has started."""
        return LlmStarted(generation=self.name, model=self.model, loaded=self.loaded, server=self.server)

    def finished(self, reason: Literal["stop", "length", "cancelled", "repeated"]) -> LlmFinished:
        """Return the message that it ended without an error. A repetition at the end of the text is cut off."""
        now, counts = time.monotonic(), self._counts
        return LlmFinished(
            generation=self.name,
            text=self.text[: repetition_in(self.text)] if reason == "repeated" else self.text,
            reason=reason,
            tokens=counts.tokens if reason in ("stop", "length") else self._written,
            prompt_tokens=counts.prompt_tokens,
            seconds=round(now - self._started, 3),
            tool_calls=self._tool_calls,
            read_tokens=counts.read_tokens,
            known_tokens=counts.known_tokens,
            load_seconds=counts.load_seconds,
            read_seconds=counts.read_seconds or self._between(self._started, self._first_token),
            write_seconds=counts.write_seconds or self._between(self._first_token, now),
        )

    def _between(self, start: float, end: float) -> float:
        """Return the seconds between two moments; 0 without a server to measure, or before the first token."""
        return round(end - start, 3) if self.server and self._first_token else 0.0

    def failed(self, problem: str, *, retryable: bool = True, cut: bool = False, unable: str = "") -> LlmFailed:
        """Return the message that it ended with an error. After the first token the text counts as interrupted."""
        return LlmFailed(
            generation=self.name,
            text=self.text,
            problem=problem,
            retryable=retryable,
            interrupted=cut or self.next > 0,
            unable=unable,
        )

    def lost(self) -> LlmFailed:
        """Return the message that an earlier run of this process died during it."""
        return self.failed(LOST, cut=True)

    def recalled(self) -> LlmRecalled:
        """Return the message with all text so far."""
        return LlmRecalled(
            generation=self.name,
            state=self.state,
            text=self.end.text if self.end else self.text,
            thinking="".join(self._thoughts),
            next=self.next,
        )
