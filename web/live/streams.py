"""One shared text per generation, for all tabs: each tab has a cursor into it (`cursors.py`), and no copy."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoAnswer
from bus.messages import LlmRecall, LlmRecalled, LlmToken
from bus.transcript import Transcript
from bus.wire import Envelope
from web.html.chat import markdown
from web.live.writing.draft import Draft

MOST_GENERATIONS = 64
"""Texts kept at once; the oldest is dropped first. More than run at the same time, so no text in use is lost."""

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0

NONE: Mapping[int, "Stream"] = {}

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class Stream:
    """A message that is being generated: what tabs show of it, and the transcript that it comes from."""

    def __init__(self, message: int, kept: str, transcript: Transcript) -> None:
        """`message`: its id. `kept`: the text that it keeps from an earlier attempt."""
        self.message = message
        self.transcript = transcript
        self._kept = kept
        self._thought_since = 0.0
        self._thought_until = 0.0
        self._draft = Draft(kept)
        self._taken = 0

    @property
    def text(self) -> str:
        """The text so far, as the model wrote it."""
        return self._kept + self.transcript.text

    @property
    def thought_seconds(self) -> int:
        """How long the model has thought, or thinks by now, in whole seconds. Asked whenever thoughts have come."""
        now = time.monotonic()
        self._thought_since = self._thought_since or now
        if self.transcript.pieces:
            self._thought_until = self._thought_until or now
        return int((self._thought_until or now) - self._thought_since)

    @property
    def draft(self) -> Draft:
        """What tabs show of the text so far."""
        if new := self.transcript.pieces[self._taken :]:
            self._taken += len(new)
            self._draft.add("".join(new))
        return self._draft


class Streams:
    """The transcripts of all running generations, and the messages that they write, by conversation."""

    def __init__(self, bus: Bus, spawn: Spawn, on_text: Callable[[], None]) -> None:
        """`spawn`: starts a task that the service watches. `on_text`: called when a text has grown."""
        self._streams: dict[int, dict[int, Stream]] = {}
        """By the id of the conversation, then by that of the message."""
        self._bus = bus
        self._spawn = spawn
        self._on_text = on_text
        self._transcripts: dict[str, Transcript] = {}
        self._conversations: dict[str, str] = {}
        self._prepared = False
        self._wanted: dict[str, int] = {}
        """Generations whose text is being asked for, with the index of the newest token heard meanwhile."""

    # --- what is shown ---

    def of(self, conversation: int) -> Mapping[int, Stream]:
        """Return the streams of a conversation, by the id of the message; part of the hot path."""
        return self._streams.get(conversation, NONE)

    def show(self, row: Row, *, begins: bool = False) -> Stream:
        """Show the text of a message in state streaming as it grows.

        `begins`: the fact that its row was inserted was heard. It passed the broker before anybody could ask the
        model, so no token was missed.
        """
        generation, shown = generation_of(row), self._streams.setdefault(row["conversation"], {})
        self._prepare()
        stream = shown.get(row["id"])
        if stream is None or stream.transcript.generation != generation:
            new = generation not in self._transcripts
            transcript = self._transcript(generation, str(row["conversation"]))
            stream = shown[row["id"]] = Stream(row["id"], row["text"], transcript)
            if new and not begins:
                self._recall(transcript)  # it may have begun before we listened
        return stream

    def _prepare(self) -> None:
        """Import what draws Markdown while the model reads the question."""
        if not self._prepared:
            self._prepared = True
            self._spawn(asyncio.to_thread(markdown.prepare), "prepare Markdown")

    def end(self, row: Row) -> None:
        """Forget the stream of a message that is finished or deleted."""
        self._take_out(row["id"])
        self._forget(generation_of(row))

    def drop(self, message: int) -> None:
        """Forget the stream of a message that was deleted for good."""
        if stream := self._take_out(message):
            self._forget(stream.transcript.generation)

    def _take_out(self, message: int) -> Stream | None:
        """Remove the stream of a message, whatever conversation it was in; return it, None if there is none."""
        for conversation, streams in self._streams.items():
            if stream := streams.pop(message, None):
                if not streams:
                    del self._streams[conversation]
                return stream
        return None

    # --- what is heard ---

    def heard_token(self, heard: Envelope) -> None:
        """Append a token, and wake the tabs; this is the hot path."""
        token: LlmToken = heard.message
        transcript = self._transcripts.get(token.generation) or self._transcript(token.generation, heard.key)
        if transcript.add(token):
            self._on_text()
        else:
            self._recall(transcript, token.index)

    def heard_end(self, heard: Envelope) -> None:
        """Forget the text of a generation that writes no message, such as a title; the others end with theirs."""
        generation = heard.message.generation
        streams = (stream for streams in self._streams.values() for stream in streams.values())
        if all(stream.transcript.generation != generation for stream in streams):
            self._forget(generation)

    def recall_all(self) -> None:
        """Ask for every running text: tokens may have been missed."""
        for transcript in list(self._transcripts.values()):
            self._recall(transcript)

    def _transcript(self, generation: str, conversation: str) -> Transcript:
        if transcript := self._transcripts.get(generation):
            return transcript
        while len(self._transcripts) >= MOST_GENERATIONS:
            self._drop_oldest()
        self._conversations[generation] = conversation
        transcript = self._transcripts[generation] = Transcript(generation)
        return transcript

    def _drop_oldest(self) -> None:
        """Forget a generation whose end was never heard, for example because its process was killed."""
        oldest = next(iter(self._transcripts))
        self._forget(oldest)
        streams = (stream for streams in self._streams.values() for stream in streams.values())
        for message in [stream.message for stream in streams if stream.transcript.generation == oldest]:
            self._take_out(message)

    def _forget(self, generation: str) -> None:
        self._transcripts.pop(generation, None)
        self._conversations.pop(generation, None)

    # --- gaps ---

    def _recall(self, transcript: Transcript, index: int = -1) -> None:
        """Ask the worker for the text so far; one question at a time for each generation."""
        generation = transcript.generation
        if generation in self._wanted:
            self._wanted[generation] = max(self._wanted[generation], index)
            return
        self._wanted[generation] = index
        self._spawn(self._recall_until_known(transcript), f"recall {generation}")

    async def _recall_until_known(self, transcript: Transcript) -> None:
        generation, pause = transcript.generation, FIRST_PAUSE_SECONDS
        try:
            while self._transcripts.get(generation) is transcript:
                if await self._recall_once(transcript) and transcript.next > self._wanted[generation]:
                    return
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        finally:
            del self._wanted[generation]

    async def _recall_once(self, transcript: Transcript) -> bool:
        """Ask once; return whether the worker knows the generation, or did."""
        generation = transcript.generation
        try:
            heard = await self._bus.ask(LlmRecall(generation=generation), self._conversations.get(generation, ""))
        except NoAnswer:
            return False
        recalled: LlmRecalled = heard.message
        transcript.fill_gap(recalled)
        self._on_text()
        return recalled.state != "unknown" or transcript.next > 0


def generation_of(row: Row) -> str:
    """Return the name of the generation that writes a message now."""
    return f"{row['id']}.{row['attempt']}"
