"""What tabs show of a text that is being written: its finished blocks as HTML, and the open block as plain text.

It follows from the text so far alone. So all tabs show the same, also one that comes late, or after a restart.
"""

import re
from html import escape

from web.html.chat.markdown import LONGEST_RENDERED, finished, render_blocks
from web.html.chat.pieces import folded
from web.html.markdown.blocks import MAY_BELONG_TO_LIST, Fence
from web.live.writing.instructions import LONGEST, first_possible, is_instruction, may_be_instruction

PROSE, CODE = "p", "code"
"""How the open block is shown."""
LONG_BLOCK = 1_500
"""Characters. Whether a longer block has ended is found out less often, so that the work stays in proportion."""
BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")
SPACE = re.compile(r"\s+")
FENCE_LINE = re.compile(
    r"(?:\A|\n)[ \t]*(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?(?:`{1,2}|`{3,}[^`\n]*(?:\n\s*)?|~{1,2}|~{3,}[^\n]*(?:\n\s*)?)\Z"
)
"""A last line that may be, or become, the beginning of code."""


class Draft:
    """The blocks of one text that grows. Each is drawn once."""

    def __init__(self, text: str = "") -> None:
        """`text`: what it begins with."""
        self.blocks: list[str] = []
        """The HTML of the finished blocks, and of the instructions between them, each one element."""
        self.kind = PROSE
        """How the open block is shown."""
        self.open = ""
        """What is shown of the open block. It only grows until the block is finished."""
        self._tail = ""
        """The text behind the finished blocks."""
        self._drawn = 0
        """Characters of this part of the text, up to the next instruction, that are finished."""
        self._tried = (0, False)
        """How long the tail was when its blocks were looked for last, and whether the line behind it ended a list."""
        self._fence: Fence | None = None
        self.add(text)

    @property
    def html(self) -> str:
        """What is shown, as HTML. The script makes the open block in the same way (`web/static/writing.js`)."""
        text = escape(self.open)
        shown = f'<div class="code"><pre><code>{text}</code></pre></div>' if self.kind == CODE else f"<p>{text}</p>"
        return "".join(self.blocks) + (shown if text else "")

    def add(self, text: str) -> None:
        """Take what was written."""
        self._tail += text.replace("\r", "")
        while self._advance():
            pass

    def _advance(self) -> bool:
        """Show what can be shown; return whether a block was finished, so that more may follow."""
        if not self.open and (blank := (SPACE if self._is_behind_instruction else BLANK_LINES).match(self._tail)):
            self._drop(blank.end())
        self._fence = self._fence or Fence.of(self._tail)
        return self._advance_in_code(self._fence) if self._fence else self._advance_in_prose()

    # --- code between fences ---

    def _advance_in_code(self, fence: Fence) -> bool:
        code = self._tail[fence.content :]
        if fence.read_on(self._tail):
            code = self._tail[fence.content : fence.end]
            if may_be_instruction(fence.language, code) and is_instruction(code):
                self._finish(fence.end, instruction=True)
            else:
                self._finish(fence.end)
            return True
        if not may_be_instruction(fence.language, code) or len(code) > LONGEST:
            self.kind = CODE
            line = self._tail[fence.read :]
            shown = len(code) - len(line) if fence.may_end_at(line) else len(code)
            self.open = code[: max(shown, len(self.open))]
        return False

    # --- everything else ---

    def _advance_in_prose(self) -> bool:
        start, end = first_possible(self._tail, len(self.open))
        while start < end <= len(self._tail) and not is_instruction(self._tail[start:end]):
            start, end = first_possible(self._tail, end)  # it only looked like one
        if start < end:
            self._finish(start)
            self._finish(end - start, instruction=True)
            return True
        if len(self._tail) - start > LONGEST:
            start = len(self._tail)
        if length := self._finished(self._tail[:start]):
            self._finish(length)
            return True
        self._show(self._tail[:start])
        return False

    def _finished(self, text: str) -> int:
        """Return how many characters of the text are finished blocks. Asked once a line; less often in a long block."""
        lines = text.rfind("\n") + 1
        tried = lines, not MAY_BELONG_TO_LIST.match(text, lines)
        is_long = lines > LONG_BLOCK and lines < self._tried[0] * 1.25
        if tried == self._tried or is_long or self._drawn + len(text) > LONGEST_RENDERED:
            return 0
        self._tried = tried
        return finished(text)

    def _show(self, text: str) -> None:
        """Show the open block, but not yet the end of it that may be blank lines, or the beginning of code."""
        stripped = text.rstrip()
        if line := FENCE_LINE.match(text, max(0, stripped.rfind("\n"))):
            text = text[: line.start()]
            stripped = text.rstrip()
        if "\n" in text[len(stripped) :]:
            text = stripped
        if len(text) > len(self.open):
            self.open = text

    # --- what is finished ---

    @property
    def _is_behind_instruction(self) -> bool:
        return not self._drawn and bool(self.blocks)

    def _finish(self, length: int, *, instruction: bool = False) -> None:
        """Draw the beginning of the tail, and take it away."""
        text = self._tail[:length]
        self.blocks += [folded(text)] if instruction else render_blocks(text)
        self._drop(length)
        self._drawn = 0 if instruction else self._drawn + length
        self.kind, self.open, self._fence = PROSE, "", None

    def _drop(self, length: int) -> None:
        self._tail = self._tail[length:]
        self._tried = (0, False)
