"""The lines of the log: one per message, one for all tokens of a generation, none for beats."""

from bus.errors import BadMessage
from bus.gaps import GapDetector
from bus.message_line import RawMessage, parse_frames
from bus.messages import (
    BusCounted,
    BusGreeted,
    BusWelcomed,
    LlmFailed,
    LlmFinished,
    LlmStarted,
    LlmToken,
    ServiceChanged,
    StoreChanged,
)
from bus.wire import Frames
from services.logger.formats import Folded, Format, TextFormat

NOT_LOGGED = (BusGreeted.kind, BusWelcomed.kind, BusCounted.kind)
ENDS = (LlmStarted.kind, LlmFinished.kind, LlmFailed.kind)
"""After one of these no more tokens of the generation come, so its line can be written."""
MOST_REMEMBERED = 100
"""Most generations folded at once (beyond, the oldest one's line is written early); most processes remembered."""
TEXT_CHARACTERS = 80
"""Characters of a generation's text shown in its line."""


class LogLines:
    """Makes the lines. Remembers tokens of running generations, processes, and the last number of each sender."""

    def __init__(self, form: Format | None = None) -> None:
        """Start without any message. `form`: how a line looks; None: as text."""
        self._form = form or TextFormat()
        self._gaps = GapDetector()
        self._folded: dict[str, Folded] = {}
        self._runs: dict[str, str] = {}

    def lines(self, frames: Frames) -> list[str]:
        """Return the lines for a message: none or its own, and one before it when messages were missed."""
        try:
            heard = parse_frames(frames)
        except BadMessage as error:
            topic = frames[0][:80].decode(errors="replace") if frames else ""
            return [self._form.bad(topic, str(error))]
        return [*self._missed(heard), *self._lines_of(heard)]

    def remaining(self) -> list[str]:
        """Return the lines of generations that are still running; call it before the log is closed."""
        lines = [self._form.generation(generation, folded) for generation, folded in self._folded.items()]
        self._folded.clear()
        return lines

    def _missed(self, heard: RawMessage) -> list[str]:
        missed = self._gaps.missed(heard.sender, heard.seq)
        return [self._form.missed(heard.header.get("sent"), missed, heard.sender)] if missed else []

    def _lines_of(self, heard: RawMessage) -> list[str]:
        if heard.kind in NOT_LOGGED or self._is_beat(heard):
            return []
        if heard.kind == StoreChanged.kind and heard.text("verb") == "erase":
            self._forget_texts()
        if heard.kind == LlmToken.kind:
            return self._fold(heard)
        if heard.kind in ENDS:
            return [*self._unfold(heard.text("generation")), self._form.message(heard)]
        return [self._form.message(heard)]

    def _is_beat(self, heard: RawMessage) -> bool:
        """Return whether a process only repeats that it is ready."""
        if heard.kind != ServiceChanged.kind:
            return False
        process, state = heard.text("process"), f"{heard.text('state')} {heard.text('run')}"
        again = self._runs.get(process) == state
        if len(self._runs) < MOST_REMEMBERED:
            self._runs[process] = state
        return again

    def _fold(self, heard: RawMessage) -> list[str]:
        generation, text = heard.text("generation"), heard.text("text")
        folded = self._folded.setdefault(generation, Folded(heard.key))
        folded.tokens += 1
        folded.characters += len(text)
        folded.sent = heard.header.get("sent")
        if len(folded.text) < TEXT_CHARACTERS:
            folded.text += text[:TEXT_CHARACTERS]
        return self._unfold(next(iter(self._folded))) if len(self._folded) > MOST_REMEMBERED else []

    def _forget_texts(self) -> None:
        """Something was deleted for good: show nothing of the texts that are being generated."""
        for folded in self._folded.values():
            folded.text = "…" * TEXT_CHARACTERS

    def _unfold(self, generation: str) -> list[str]:
        folded = self._folded.pop(generation, None)
        return [self._form.generation(generation, folded)] if folded else []
