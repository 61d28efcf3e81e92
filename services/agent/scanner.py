"""Find the instructions in what the model wrote. Pure, in linear time, and never raises.

An instruction is an object with `operation`, in a fence or bare. What is quoted is talk, not an instruction: inline
code, a line that starts with `>`, quotation marks around it, or a fence of another language.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.agent.reader import Reader, Unreadable

FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([^`\n]*)$")
LANGUAGES = {"", "json", "json5", "jsonc", "jsonl", "instruction", "instructions", "tool_call", "tool_code"}
"""Of fences whose content counts; code in any other language is an example."""

TICKS = re.compile(r"`+")
INTERESTING = re.compile(r"[{`“]")
LIKELY = re.compile(r"\{\s*[\"']?operation[\"']?\s*:")
QUOTES = "\"'“‘«„‹"
LONGEST_QUOTATION = 500

MOST_FOUND = 100
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
    scanner = _Scanner(text)
    found = [one for passage in passages(text) for one in scanner.scan(passage)]
    return found[:MOST_FOUND]


def passages(text: str) -> Iterator[Passage]:
    """Split the text at fences and leave quoted lines out."""
    start, at, fence, language = 0, 0, "", ""
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        match = FENCE.match(line.rstrip("\r\n"))
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


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._budget = REREADING * len(text) + 1_000
        self._closing = _closing_ticks(text)

    def scan(self, passage: Passage) -> Iterator[Found]:
        at = passage.start
        while match := INTERESTING.search(self._text, at, passage.end):
            at = match.start()
            if match.group() == "{":
                found, at = self._read(at, passage.end)
                yield from found
            elif passage.fenced:
                at += 1
            elif match.group() == "`":
                at = self._after_ticks(at, passage.end)
            else:
                at = self._after_quotation(at)

    def _read(self, start: int, end: int) -> tuple[list[Found], int]:
        """Read the object at `start`; return what it holds and where to go on."""
        try:
            value, behind = Reader(self._text, end).read(start)
        except Unreadable as broken:
            return self._broken(start, broken)
        if self._quoted(start):
            return [], behind
        return [Found(start, behind, one) for one in _instructions(value)], behind

    def _broken(self, start: int, broken: Unreadable) -> tuple[list[Found], int]:
        self._budget -= broken.position - start
        onward = start + 1 if self._budget > 0 else max(broken.position, start + 1)
        if not LIKELY.match(self._text, start) or self._quoted(start):
            return [], onward
        problem = f"The instruction cannot be read as JSON: {broken}."
        return [Found(start, broken.position, None, problem)], onward

    def _quoted(self, start: int) -> bool:
        return start > 0 and self._text[start - 1] in QUOTES

    def _after_ticks(self, at: int, end: int) -> int:
        """Behind the inline code that begins here; behind the backticks alone when they open none."""
        closed = self._closing.get(at, end + 1)
        run = TICKS.match(self._text, at)
        return closed if closed <= end or run is None else run.end()

    def _after_quotation(self, at: int) -> int:
        closed = self._text.find("”", at, at + LONGEST_QUOTATION)
        return closed + 1 if closed > 0 and "\n" not in self._text[at:closed] else at + 1


def _instructions(value: Any) -> Iterator[dict[str, Any]]:
    """The objects with `operation` in a value: itself, or what it wraps (a list of steps, say)."""
    if type(value) is dict:
        if "operation" in value:
            yield value
            return
        value = list(value.values())
    if type(value) is list:
        for one in value:
            yield from _instructions(one)


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
