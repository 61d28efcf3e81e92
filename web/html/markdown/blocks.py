"""Where the blocks of a Markdown text end, also of one that still grows. Pure.

A text is drawn block by block: paragraphs, lists, tables, code. While it grows, the blocks that nothing can change any
more are drawn; the block behind them is open. Which ones are finished follows from the text so far alone, however it
came in pieces.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`\n]*\n)|~{3,})[ \t]*([^\s`]*)[^\n]*\n")
"""The first line of code between fences: its indentation, its marks, its language."""
MAY_BELONG_TO_LIST = re.compile(r"\s|[-+*](?:\s|$)|\d{1,9}(?:[.)](?:\s|$)|$)|$")
"""The beginning of a line that may belong to the list before it, though a blank line stands between them."""
IN_MARKDOWN = ("markdown", "md", "mdx")
"""Languages of code in which fences may stand: then a line of marks ends the innermost code."""


@dataclass(slots=True)
class Fence:
    """Code between fences, at the beginning of a text that may still grow."""

    marks: str
    language: str
    content: int
    """Where the code begins, in characters of the text."""
    end: int = 0
    """Where it ends, behind its last fence; 0 as long as that is not there."""
    read: int = 0
    """Until where whole lines were read."""
    depth: int = 0
    """How many fences are open within it."""

    @classmethod
    def of(cls, text: str) -> "Fence | None":
        """Return the code that a text begins with; None for any other block, and while its first line is not whole."""
        if found := FENCE.match(text):
            return cls(found[2], found[3].lower(), found.end(), read=found.end())
        return None

    def read_on(self, text: str, *, whole: bool = False) -> bool:
        """Read the lines that came; return whether the code ends. `whole`: the text does not grow any more."""
        while not self.end and self.read < len(text):
            line_end = text.find("\n", self.read) + 1 or (len(text) if whole else 0)
            if not line_end:
                return False
            self._take(text[self.read : line_end], line_end)
            self.read = line_end
        return self.end > 0

    def may_end_at(self, line: str) -> bool:
        """Return whether a line, or its beginning, may be the fence that ends the code."""
        return len(line) - len(line.lstrip(" ")) < 4 and not line.strip().strip(self.marks[0])

    def _take(self, line: str, line_end: int) -> None:
        marks = line.strip()
        if not marks.startswith(self.marks) or not self.may_end_at(line[: line.find(marks) + len(self.marks)]):
            return
        if not marks.strip(self.marks[0]):
            self.depth -= 1
            self.end = line_end if self.depth < 0 else 0
        elif self.language in IN_MARKDOWN:
            self.depth += 1


def finished(text: str, parser: "MarkdownIt") -> int:
    """Return how many characters at the start of a text are blocks that nothing can change any more; 0: none.

    `text`: begins with a block, and may end within a line. Of that line only its beginning counts.
    """
    lines = text.rfind("\n") + 1
    tokens: list[Token] = []
    parser.block.parse(text[:lines], parser, {"grows": True}, tokens)
    groups = list(top_level(tokens))
    if not groups:
        return 0
    if _is_finished(groups[-1][0], text[:lines], text[lines:]):
        return lines
    first_line = (groups[-1][0].map or [0])[0]
    return offset(text, first_line) if len(groups) > 1 else 0


def _is_finished(last: "Token", lines: str, begun: str) -> bool:
    """Return whether nothing can change the last block of a text. `begun`: the beginning of the line behind it."""
    kind = last.type
    if kind in ("heading_open", "hr") or last.meta.get("closed"):
        return True
    if not lines.endswith("\n\n") and lines[lines[:-1].rfind("\n") + 1 :].strip():
        return False  # the last line is not blank
    if kind in ("bullet_list_open", "ordered_list_open", "code_block"):
        return not MAY_BELONG_TO_LIST.match(begun)
    return kind in ("paragraph_open", "table_open", "blockquote_open")


def top_level(tokens: Sequence["Token"]) -> Iterator[list["Token"]]:
    """Yield the tokens of each block that stands in no other block."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield group
            group = []


def offset(text: str, line: int) -> int:
    """Return where a line of a text begins, in characters. `line`: 0 for the first one."""
    at = 0
    for _ in range(line):
        at = text.find("\n", at) + 1
    return at
