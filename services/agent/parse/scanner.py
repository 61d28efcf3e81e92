"""Find the instructions in what the model wrote. Pure, in linear time, and never raises.

An instruction is an object in one of the shapes that `normalise.py` knows, in a fence or bare. Quoted objects are not
instructions: inline code, a line that starts with `>`, quotation marks around the object, a fence of another language.
Neither is anything between the tags of reasoning: it is a draft. An object that looks like an instruction but cannot
be read is reported with the reason. Then nothing of the reply is carried out, and the model may try again.
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
"""Languages of fences that are searched. Code in any other language is an example."""

REASONING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
REASONED = re.compile(r"(?:(?!<think).)*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
"""Reasoning without its opening tag, which the model's template has removed."""

TICKS = re.compile(r"`+")
FLAT_FENCE = re.compile(r"```(?:json|tool_call)\s")
"""A fence that the model wrote without line breaks."""
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

MAX_FOUND = 100
"""Instructions and problems that one search reports."""
MAX_FAILED_READS = 2_000
"""Failed attempts to read an object, each of which costs time. No ordinary reply comes near."""
REREADS_PER_CHARACTER = 8
"""How often, on average, a character may be read again after failed attempts. This keeps the time linear."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that looks like an instruction: its place in the text, and the object or why it cannot be read."""

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
    """Return everything in the text that looks like an instruction, in order."""
    return Scanner(text).find()


class Scanner:
    """One search through a text. `steps`: characters that were read as objects, for measurements."""

    def __init__(self, text: str) -> None:
        """The search itself begins with `find`."""
        self.steps = 0
        self._text = without_reasoning(text)
        self._failed_reads = 0
        self._code_ends: dict[int, int] | None = None
        self._quotes_counted_to = 0
        self._in_quotes = False

    def find(self) -> list[Found]:
        """Return everything in the text that looks like an instruction, in order."""
        found: list[Found] = []
        for passage in passages(self._text):
            found += self._other_notations(passage)
            if self._text.find("{", passage.start, passage.end) >= 0:
                found += self._scan(passage)
            if len(found) > MAX_FOUND:
                break
        return found[:MAX_FOUND]

    def _other_notations(self, passage: Passage) -> Iterator[Found]:
        """Yield a problem for each notation besides JSON in which an instruction is written here."""
        for notation in (CALLED, LINED):
            if match := notation.search(self._text, passage.start, passage.end):
                yield Found(match.start(), match.end(), None, NO_JSON)

    def _scan(self, passage: Passage) -> Iterator[Found]:
        at = self._quotes_counted_to = passage.start
        self._in_quotes = False
        while match := INTERESTING.search(self._text, at, passage.end):
            at = match.start()
            self._count_quotes(at)
            if match.group() == "{":
                found, at = self._read(at, passage)
                yield from found
            elif passage.fenced:
                at += 1
            elif match.group() == "`":
                at = self._after_ticks(at, passage.end)
            else:
                at = self._after_quotation(at)
            self._quotes_counted_to = at

    def _count_quotes(self, at: int) -> None:
        """Find out whether `at` stands between straight quotation marks of its line."""
        line = self._text.rfind("\n", self._quotes_counted_to, at) + 1
        self._in_quotes = self._in_quotes and not line
        self._in_quotes ^= self._text.count('"', line or self._quotes_counted_to, at) % 2 == 1

    def _read(self, start: int, passage: Passage) -> tuple[list[Found], int]:
        """Read the object at `start`; return the instructions in it and the position to go on from."""
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
        """Report an unreadable object if it looks like an instruction; return also the position to go on from.

        The rest of a fence is skipped: it could be a part of the same object.
        """
        self._failed_reads += 1
        may_reread = self.steps < REREADS_PER_CHARACTER * len(self._text) + 1_000
        next_start = start + 1 if may_reread else max(broken.position, start + 1)
        likely = LIKELY.match(self._text, start) is not None
        if passage.fenced:
            next_start = passage.end
            likely = self._text.find("operation", start, passage.end) >= 0
        if self._failed_reads > MAX_FAILED_READS:
            next_start = passage.end
        if not likely or self._quoted(start, broken.position, passage):
            return [], next_start
        end = max(broken.position, start + 1)
        return [Found(start, end, None, f"The instruction cannot be read as JSON: {broken}.")], next_start

    def _quoted(self, start: int, behind: int, passage: Passage) -> bool:
        if start > 0 and self._text[start - 1] in QUOTES:
            return True
        if passage.fenced or not self._in_quotes:
            return False
        line = self._text.find("\n", behind, behind + 500)
        return self._text.find('"', behind, line if line >= 0 else behind + 500) >= 0

    def _after_ticks(self, at: int, end: int) -> int:
        """Return the position behind the inline code that begins here, or behind the backticks if none begins."""
        if self._code_ends is None:
            self._code_ends = _inline_code_ends(self._text)
        closed = self._code_ends.get(at, end + 1)
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
    """Return the text with spaces in place of the model's reasoning; its length stays the same."""
    if "think" not in text:
        return text
    if swallowed := REASONED.match(text):
        text = " " * swallowed.end() + text[swallowed.end() :]
    return REASONING.sub(lambda found: " " * len(found.group()), text)


def passages(text: str) -> Iterator[Passage]:
    """Yield the parts of the text inside and outside fences, without quoted lines and fences of other languages."""
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


def _inline_code_ends(text: str) -> dict[int, int]:
    """Return for each run of backticks that opens inline code its position and the position behind the code."""
    closing: dict[int, int] = {}
    last: dict[int, tuple[int, int]] = {}
    for run in reversed(list(TICKS.finditer(text))):
        length = run.end() - run.start()
        if length in last:
            closing[run.start()] = last[length][1]
        last[length] = run.span()
    return closing
