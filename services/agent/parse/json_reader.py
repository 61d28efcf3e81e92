"""A tolerant reader of JSON objects as models write them.

Besides JSON it accepts single and curly quotes, bare keys, trailing commas, comments, Python's True, False and None,
line breaks in texts, and missing closing brackets at the very end. It reads each character once.
"""

import math
import re
from typing import Any

from bus.errors import PianolaError

MAX_DEPTH = 16
MAX_NUMBER_CHARACTERS = 40
MAX_INTEGER = 2**63 - 1

WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
ROW_WORDS = {"yes": True, "no": False, "Yes": True, "No": False, "none": None}
"""What stands in the lines of rows that the model is shown; small models copy it. So they do "-" for none."""
WORDS |= ROW_WORDS
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}

ROW_NONE = re.compile(r"-(?=\s*[,}\]])")
SPACE = re.compile(r"(?:\s++|//[^\n]*+|#[^\n]*+)*+")
TEXT = {
    '"': re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\]++|\\.)*+)'", re.DOTALL),
    "“": re.compile(r"“((?:[^”\\]++|\\.)*+)”", re.DOTALL),
}
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")


class Unreadable(PianolaError):
    """The object cannot be read beyond `position`."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(problem)
        self.position = position


class JsonReader:
    """Reads one object from a part of a text."""

    def __init__(self, text: str, end: int) -> None:
        """`end`: where the part ends; closing brackets may be missing there."""
        self._text = text
        self._end = end
        self._at = 0

    def read(self, start: int) -> tuple[dict[str, Any], int]:
        """Return the object whose brace is at `start` and the position behind it, or raise `Unreadable`."""
        self._at = start
        return self._object(1), self._at

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        self._skip_space()
        while not self._take("}"):
            key = self._key()
            self._skip_space()
            if not self._take(":"):
                raise self._unreadable(f"expected a colon after `{key:.40}`")
            found[key] = self._value(depth)
            if self._ends("}"):
                break
        return found

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        self._skip_space()
        while not self._take("]"):
            found.append(self._value(depth))
            if self._ends("]"):
                break
        return found

    def _ends(self, bracket: str) -> bool:
        """Return whether the bracket closes, or the text ends, after a value; else step over the comma."""
        self._skip_space()
        if self._at >= self._end or self._take(bracket):
            return True
        if not self._take(","):
            raise self._unreadable(f"expected a comma or `{bracket}`")
        self._skip_space()
        return False

    def _key(self) -> str:
        if self._peek() in TEXT:
            return self._string()
        if word := WORD.match(self._text, self._at, self._end):
            self._at = word.end()
            return word.group()
        raise self._unreadable("expected a name in quotes")

    def _value(self, depth: int) -> Any:
        self._skip_space()
        first = self._peek()
        if first in TEXT:
            return self._string()
        if first in ("{", "["):
            if depth >= MAX_DEPTH:
                raise self._unreadable(f"nested deeper than {MAX_DEPTH}")
            return self._object(depth + 1) if first == "{" else self._array(depth + 1)
        if ROW_NONE.match(self._text, self._at, self._end):
            self._at += 1
            return None
        return self._word() if first.isalpha() else self._number()

    def _string(self) -> str:
        match = TEXT[self._peek()].match(self._text, self._at, self._end)
        if match is None:
            raise self._unreadable("a text in quotes is not closed", self._end)
        self._at = match.end()
        text = ESCAPE.sub(_unescape, match[1]) if "\\" in match[1] else match[1]
        # two surrogates become one character; a lone one cannot be stored and becomes U+FFFD
        return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _word(self) -> Any:
        word = WORD.match(self._text, self._at, self._end)
        if word is None or word.group() not in WORDS:
            raise self._unreadable("expected a value: a text in quotes, a number, true, false or null")
        self._at = word.end()
        return WORDS[word.group()]

    def _number(self) -> int | float:
        match = NUMBER.match(self._text, self._at, self._end)
        if match is None or len(match.group()) > MAX_NUMBER_CHARACTERS:
            raise self._unreadable("expected a value: a text in quotes, a number, true, false or null")
        self._at = match.end()
        is_whole = match.group().lstrip("+-").isdigit()
        value = int(match.group()) if is_whole else float(match.group())
        if abs(value) > MAX_INTEGER if is_whole else not math.isfinite(value):
            raise self._unreadable("a number is too large")
        return value

    def _skip_space(self) -> None:
        while True:
            if match := SPACE.match(self._text, self._at, self._end):
                self._at = match.end()
            if not self._text.startswith("/*", self._at, self._end):
                return
            closed = self._text.find("*/", self._at + 2, self._end)
            if closed < 0:
                raise self._unreadable("a comment is not closed", self._end)
            self._at = closed + 2

    def _peek(self) -> str:
        return self._text[self._at] if self._at < self._end else ""

    def _take(self, character: str) -> bool:
        taken = self._peek() == character
        self._at += taken
        return taken

    def _unreadable(self, problem: str, position: int = -1) -> Unreadable:
        return Unreadable(self._at if position < 0 else position, problem)


def _unescape(match: re.Match[str]) -> str:
    escaped = match[1]
    if len(escaped) > 1:
        return chr(int(escaped[1:], 16))
    return ESCAPES.get(escaped, escaped)
