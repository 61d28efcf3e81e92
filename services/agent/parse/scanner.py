"""Find the instructions in what the model wrote. Pure, in linear time, and never raises.

An instruction is an object in one of the shapes of `shapes`, in a fence or bare. What is quoted is talk, not an
instruction: inline code, a line that starts with `>`, quotation marks around it, a fence of another language; and what
stands between the tags of reasoning is a draft. What looks like an instruction and cannot be read is reported, so that
nothing of the reply is carried out and the model can do better.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.agent.parse.json_reader import JsonReader, Unreadable
from services.agent.parse.normalise import Unclear, instructions_in

FENCE = re.compile(r"[ \t]*(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?(`{3,}|~{3,})[ \t]*([^`\n]*)$")
LANGUAGES = {
    "", "json", "json5", "jsonc", "jsonl", "ndjson", "instruction", "instructions", "tool", "tools", "tool_call",
    "tool_calls", "tool_code", "function_call", "action", "yaml", "yml",
}  # fmt: skip
"""Of fences whose content counts; code in any other language is an example."""

REASONING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
REASONED = re.compile(r"(?:(?!<think).)*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
"""The end of reasoning whose begin the model's template has swallowed."""

TICKS = re.compile(r"`+")
FLAT_FENCE = re.compile(r"```(?:json|tool_call)\s")
"""A fence that the model forgot to break into lines."""
INTERESTING = re.compile(r"[{`“„«]")
CLOSING = {"“": "”", "„": "“", "«": "»"}
QUOTES = "\"'“‘«„‹"

LIKELY = re.compile(r"\{[^{}]{0,200}?[\"'“]?\b(?:operation|tool_calls?|instructions?)\b[\"'”]?\s*:")
CALLED = re.compile(
    r"^[ \t]*(?:[a-z_]{1,40}\.)?(?:insert|update|delete|toggle|sort|list|get|search|open)[a-z_]{0,40}"
    r"\(\s*(?:table|id|values|app|title)\s*=",
    re.MULTILINE,
)
LINED = re.compile(r"^[ \t]*(?:- )?operation[ \t]*:[ \t]*\w+[ \t]*\n[ \t]*(?:table|id|values|app)[ \t]*:", re.MULTILINE)
NO_JSON = "The instruction is not written as JSON. Expected an object with `operation` and `table`, in a fence."

MOST_FOUND = 100
MOST_BROKEN = 2_000
"""Attempts to read an object that fail: no reply has so many, and each costs time."""
REREADING = 8
"""How often, on average, a character may be read again after attempts that failed: this keeps the time linear."""


@dataclass(frozen=True, slots=True)
class Found:
    """What looks like an instruction: its place in the text, and the object, or why it cannot be read."""

    start: int
    end: int
    value: dict[str, Any] | None
    problem: str = ""


class Passage(NamedTuple):
    """A part of the text in which instructions may stand."""

    start: int
    end: int
    fenced: bool


def find_instructions(text: str) -> list[Found]:
    """Return what looks like an instruction, in order."""
    return Scanner(text).find()


class Scanner:
    """One search through a text. `steps`: characters that were read as objects, for those who measure."""

    def __init__(self, text: str) -> None:
        """Nothing is searched before `find`."""
        self.steps = 0
        self._text = without_reasoning(text)
        self._broken = 0
        self._closing: dict[int, int] | None = None
        self._settled = 0
        self._quoting = False

    def find(self) -> list[Found]:
        """Return what looks like an instruction, in order."""
        found: list[Found] = []
        for passage in passages(self._text):
            found += self._hints(passage)
            if self._text.find("{", passage.start, passage.end) >= 0:
                found += self._scan(passage)
            if len(found) > MOST_FOUND:
                break
        return found[:MOST_FOUND]

    def _hints(self, passage: Passage) -> Iterator[Found]:
        """What is meant as an instruction, but is written in another notation."""
        for notation in (CALLED, LINED):
            if match := notation.search(self._text, passage.start, passage.end):
                yield Found(match.start(), match.end(), None, NO_JSON)

    def _scan(self, passage: Passage) -> Iterator[Found]:
        at = self._settled = passage.start
        self._quoting = False
        while match := INTERESTING.search(self._text, at, passage.end):
            at = match.start()
            self._settle(at)
            if match.group() == "{":
                found, at = self._read(at, passage)
                yield from found
            elif passage.fenced:
                at += 1
            elif match.group() == "`":
                at = self._after_ticks(at, passage.end)
            else:
                at = self._after_quotation(at)
            self._settled = at

    def _settle(self, at: int) -> None:
        """Follow the quotation marks of the line up to here."""
        line = self._text.rfind("\n", self._settled, at) + 1
        self._quoting = self._quoting and not line
        self._quoting ^= self._text.count('"', line or self._settled, at) % 2 == 1

    def _read(self, start: int, passage: Passage) -> tuple[list[Found], int]:
        """Read the object at `start`; return what it holds and where to go on."""
        try:
            value, behind = JsonReader(self._text, passage.end).read(start)
        except Unreadable as broken:
            self.steps += broken.position - start
            return self._unreadable(start, broken, passage)
        self.steps += behind - start
        if self._quoted(start, behind, passage):
            return [], behind
        try:
            return [Found(start, behind, one) for one in instructions_in(value)], behind
        except Unclear as unclear:
            return [Found(start, behind, None, str(unclear))], behind

    def _unreadable(self, start: int, broken: Unreadable, passage: Passage) -> tuple[list[Found], int]:
        """Report it if it means something. In a fence nothing behind it is trusted: it could be a part of it."""
        self._broken += 1
        affordable = self.steps < REREADING * len(self._text) + 1_000
        onward = start + 1 if affordable else max(broken.position, start + 1)
        meant = LIKELY.match(self._text, start) is not None
        if passage.fenced:
            onward = passage.end
            meant = self._text.find("operation", start, passage.end) >= 0
        if self._broken > MOST_BROKEN:
            onward = passage.end
        if not meant or self._quoted(start, broken.position, passage):
            return [], onward
        end = max(broken.position, start + 1)
        return [Found(start, end, None, f"The instruction cannot be read as JSON: {broken}.")], onward

    def _quoted(self, start: int, behind: int, passage: Passage) -> bool:
        if start > 0 and self._text[start - 1] in QUOTES:
            return True
        if passage.fenced or not self._quoting:
            return False
        line = self._text.find("\n", behind, behind + 500)
        return self._text.find('"', behind, line if line >= 0 else behind + 500) >= 0

    def _after_ticks(self, at: int, end: int) -> int:
        """Behind the inline code that begins here; behind the backticks alone when they open none."""
        if self._closing is None:
            self._closing = _closing_ticks(self._text)
        closed = self._closing.get(at, end + 1)
        run = FLAT_FENCE.match(self._text, at)
        if run:
            return run.end()
        run = TICKS.match(self._text, at)
        return closed if closed <= end or run is None else run.end()

    def _after_quotation(self, at: int) -> int:
        line = self._text.find("\n", at, at + 500)
        closed = self._text.find(CLOSING[self._text[at]], at + 1, line if line >= 0 else at + 500)
        return closed + 1 if closed > 0 else at + 1


def without_reasoning(text: str) -> str:
    """Return the text, as long as before, with blanks where the model was thinking aloud."""
    if "think" not in text:
        return text
    if swallowed := REASONED.match(text):
        text = " " * swallowed.end() + text[swallowed.end() :]
    return REASONING.sub(lambda found: " " * len(found.group()), text)


def passages(text: str) -> Iterator[Passage]:
    """Split the text at fences and leave quoted lines out."""
    start, at, fence, language = 0, 0, "", ""
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        match = FENCE.match(line.rstrip("\r\n")) if "```" in line or "~~~" in line else None
        if fence and match and match[1].startswith(fence) and not match[2]:
            if language in LANGUAGES:
                yield Passage(start, at, True)
            fence, start = "", end
        elif not fence and match:
            yield Passage(start, at, False)
            fence, language, start = match[1], match[2].strip().lower(), end
        elif not fence and line.lstrip().startswith(">"):
            yield Passage(start, at, False)
            start = end
        at = end
    if not fence or language in LANGUAGES:
        yield Passage(start, len(text), bool(fence))


def _closing_ticks(text: str) -> dict[int, int]:
    """Position of each run of backticks that opens inline code, to the position behind the run that closes it."""
    closing: dict[int, int] = {}
    last: dict[int, tuple[int, int]] = {}
    for run in reversed(list(TICKS.finditer(text))):
        length = run.end() - run.start()
        if length in last:
            closing[run.start()] = last[length][1]
        last[length] = run.span()
    return closing
