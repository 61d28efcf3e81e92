"""Take reasoning out of the text of an answer, while it streams, whatever marks a model puts around it.

Servers that know their model give reasoning in a field of its own. Others leave it in the text:
- `<think>…</think>`, `[THINK]…[/THINK]` and the like. Some templates open the block in the prompt, so that the answer
  has only its end: then all before it was reasoning.
- harmony (gpt-oss): `<|channel|>analysis<|message|>…<|end|><|start|>assistant<|channel|>final<|message|>…`. The channel
  says what a message is: analysis is reasoning, `to=functions.NAME` a call of a tool, all else the answer.

A mark within code (behind a backtick, or in a fence) is text. The result does not depend on how the stream is cut.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from llm_worker.stream.calls import call
from llm_worker.stream.json_values import fits_the_bus
from llm_worker.stream.pieces import Piece

BLOCKS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "[THINK]": "[/THINK]",
    "<seed:think>": "</seed:think>",
    "◁think▷": "◁/think▷",
}
"""The mark that opens a block of reasoning, and the one that closes it."""

START, CHANNEL, MESSAGE = "<|start|>", "<|channel|>", "<|message|>"
ENDS = ("<|end|>", "<|return|>", "<|call|>")
ADDRESS = "to="
"""In the header of a harmony message: whom it is for."""


@dataclass(slots=True)
class Found:
    """What was found in the stream since the last piece."""

    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    was_reasoning: bool = False
    """All text before it turned out to be reasoning."""


class ReasoningSplitter:
    """The state of one answer: in the text, in a block of reasoning, or in a harmony message."""

    def __init__(self) -> None:
        """Start at the beginning of an answer."""
        self._rest = ""
        """What has come, and may be a part of a mark."""
        self._text = ""
        """The answer so far."""
        self._blank = ""
        """White space that is held back: it is dropped if reasoning follows, or has just ended."""
        self._after_reasoning = False
        self._closing = ""
        """The mark that ends the block we are in, "" outside of blocks."""
        self._block = ""
        """The block we are in, if it began in the middle of the answer. If it never ends, it was text."""
        self._harmony = False
        self._header: str | None = None
        """The header of a harmony message, while we are in it."""
        self._channel = ""
        """The header of the harmony message that we are in."""
        self._arguments = ""
        """What has come of a call in a harmony message."""
        self._found = Found()

    def read(self, piece: Piece) -> Piece:
        """Return the piece with its text divided into reasoning and answer."""
        self._rest += piece.text
        while self._step():
            pass
        if piece.end:
            self._finish()
        return self._taken(piece)

    def rest(self) -> Piece:
        """Return what was held back, when the stream has broken off."""
        self._finish()
        return self._taken(Piece())

    def _taken(self, piece: Piece) -> Piece:
        found, self._found = self._found, Found()
        return replace(
            piece,
            text="".join(found.text),
            thinking=piece.thinking + "".join(found.thinking),
            tool_calls=[*piece.tool_calls, *found.calls],
            was_reasoning=found.was_reasoning,
        )

    # --- one mark after another ---

    def _step(self) -> bool:
        """Pass on what stands before the next mark, and the mark. Return whether there may be more."""
        marks = self._marks()
        position, mark = first_of(marks, self._rest)
        if not mark:
            keep = held_back(self._rest, marks)
            self._pass_on(self._rest[: len(self._rest) - keep])
            self._rest = self._rest[len(self._rest) - keep :]
            return False
        self._pass_on(self._rest[:position])
        self._rest = self._rest[position + len(mark) :]
        self._meet(mark)
        return True

    def _marks(self) -> tuple[str, ...]:
        """Return the marks that may come now."""
        if self._closing:
            return (self._closing,)
        if self._header is not None:
            return (MESSAGE, START, *ENDS)
        if self._harmony:
            return (START, CHANNEL, *ENDS)
        return (*BLOCKS, *BLOCKS.values(), CHANNEL, START)

    def _meet(self, mark: str) -> None:
        if mark == self._closing:
            self._closing, self._block, self._after_reasoning = "", "", True
        elif mark in (CHANNEL, START, MESSAGE, *ENDS):
            self._meet_harmony(mark)
        elif self._in_code():
            self._pass_on(mark)
        elif mark in BLOCKS:
            self._closing = BLOCKS[mark]
            self._block = mark if self._text else ""
            self._blank = self._blank if self._text else ""
        elif self._after_reasoning:
            self._pass_on(mark)  # the end of a block that never began, behind a block
        else:
            self._was_reasoning()

    def _in_code(self) -> bool:
        """Return whether the text so far ends within code."""
        return (self._text + self._blank).endswith("`") or self._text.count("```") % 2 == 1

    def _was_reasoning(self) -> None:
        """An end without a beginning: all before it was reasoning."""
        self._found.thinking = [*self._found.text, *self._found.thinking]
        self._found.text, self._found.was_reasoning = [], True
        self._text = self._blank = ""
        self._after_reasoning = True

    # --- harmony ---

    def _meet_harmony(self, mark: str) -> None:
        if not self._harmony and self._text:
            self._pass_on(mark)  # only an answer that begins with such a mark is in this form
            return
        self._harmony = True
        if mark in (START, CHANNEL):
            self._end_message()
            self._header, self._blank = "", ""
        elif mark == MESSAGE:
            self._channel, self._header = self._header or "", None
        else:
            self._end_message()

    def _end_message(self) -> None:
        if name := addressee(self._channel):
            made = call(name, self._arguments)
            self._found.calls += [made] if fits_the_bus([made]) else []
        elif "analysis" in self._channel:
            self._after_reasoning = True
        self._channel, self._arguments, self._header = "", "", None

    # --- where the text goes ---

    def _pass_on(self, text: str) -> None:
        if not text:
            return
        if self._closing:
            self._found.thinking.append(text)
            self._block += text if self._block else ""
        elif self._header is not None:
            self._header += text
        elif addressee(self._channel):
            self._arguments += text
        elif "analysis" in self._channel:
            self._found.thinking.append(text)
        else:
            self._say(text)

    def _say(self, text: str) -> None:
        """Pass on a part of the answer; hold back white space before its first word."""
        if not self._text:
            text, self._blank = self._blank + text, ""
            text = text.lstrip() if self._after_reasoning else text
            if not text.strip():
                self._blank = text
                return
        self._text += text
        self._found.text.append(text)

    def _finish(self) -> None:
        """Pass on what was held back. A block in the middle of the text that never ended was text."""
        rest, self._rest = self._rest, ""
        self._pass_on(rest)
        header, self._header = self._header, None
        self._say(header or "")  # a header that never ended was none
        self._end_message()
        if self._block:
            block, self._block, self._closing = self._block, "", ""
            self._say(block)
        elif self._blank and not self._after_reasoning:
            self._found.text.append(self._blank)
        self._blank = ""


def first_of(marks: tuple[str, ...], text: str) -> tuple[int, str]:
    """Return the position of the first mark in a text, and the mark; "" when there is none."""
    found = [(position, mark) for mark in marks if (position := text.find(mark)) >= 0]
    return min(found, default=(0, ""))


def held_back(text: str, marks: tuple[str, ...]) -> int:
    """Return how many characters at the end of a text may be the beginning of a mark."""
    longest = min(len(text), max(map(len, marks)) - 1)
    ends = (length for length in range(longest, 0, -1) if any(mark.startswith(text[-length:]) for mark in marks))
    return next(ends, 0)


def addressee(header: str) -> str:
    """Return the tool that a harmony message is for, "" for none."""
    _, found, after = header.partition(ADDRESS)
    return after.split()[0].split("<")[0] if found and after.split() else ""
