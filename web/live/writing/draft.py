"""What tabs show of a text that is being written: its finished blocks as HTML, and the open block as plain text.

Of a list, each item is a block of its own: the finished ones are drawn, the open one is plain text. Of an open item
with further blocks or lists in it, all but the last part are drawn.
It follows from the text so far alone. So all tabs show the same, also one that comes late, or after a restart.
"""

import re
from html import escape

from web.html.chat.markdown import (
    LONGEST_RENDERED,
    DrawnList,
    Part,
    finished,
    nested,
    render_blocks,
    render_item,
    render_list,
)
from web.html.chat.pieces import folded
from web.html.markdown.additions import BOXES
from web.html.markdown.blocks import ITEM, MAY_BELONG_TO_LIST, Divided, Fence, Finished, begun_part, ends_blank
from web.live.writing.instructions import LONGEST, first_possible, is_instruction, may_be_instruction

PROSE, CODE, ITEM_OF_LIST = "p", "code", "li.open"
"""How the open block is shown. An item may be a task (`li.open.task`), and have its text in a paragraph (`…>p`)."""
OPEN_CODE = "div.code>pre>code"
"""The elements of open code."""
PARAGRAPH_IN_ITEM, WORDS_IN_ITEM, CODE_IN_ITEM = "p.open", "span.open", "div.code.open>pre>code"
"""The same, of a block in an item that is drawn in parts."""
NOTHING = Finished(0)
LONG_BLOCK = 3_000
"""Characters. Whether a longer block has ended is found out less often, so that the work stays in proportion."""
BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")
SPACE = re.compile(r"\s+")
FENCE_LINE = re.compile(
    r"(?:\A|\n)[ \t]*(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?(?:`{1,2}|`{3,}[^`\n]*(?:\n\s*)?|~{1,2}|~{3,}[^\n]*(?:\n\s*)?)\Z"
)
"""A last line that may be, or become, the beginning of code."""
MAY_BE_ITEM = re.compile(
    r"(?:\A|\n)[ \t]*"
    r"(?:([-+*])[ \t]*(?:\1[ \t]*){0,99}|\d{1,9}(?:[.)][ \t]*)?|(?:[-+*]|\d{1,9}[.)])[ \t]+\[[ xX]?\]?)\Z"
)
"""A last line of which it is not known yet whether it is an item of a list, or of tasks."""
MOST_INDENTED = 3
"""Spaces before the first item of a list; with more, it is code."""


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
        self.lists: dict[int, DrawnList] = {}
        """The lists that are drawn item by item, by their place among the blocks; the one behind all blocks is open."""
        self.depth = 0
        """How many elements below the open list the open block stands: see `blocks.ItemPart`."""
        self._shown = 0
        """How many characters of the tail are shown, drawn or as the open block."""
        self._open_at = 0
        """Where the open block begins in the tail: behind the parts of the open item that are drawn."""
        self._behind_blank = False
        """Whether a blank line stands before the tail, within the open list."""
        self._tail = ""
        """The text behind the finished blocks, and behind the finished items of the open list."""
        self._drawn = 0
        """Characters of this part of the text, up to the next instruction, that are finished."""
        self._tried = (0, False, False)
        """How long the tail was when its blocks were looked for last, and what the line behind it was."""
        self._fence: Fence | None = None
        self.add(text)

    @property
    def open_list(self) -> DrawnList | None:
        """The list that is being written."""
        return self.lists.get(len(self.blocks))

    @property
    def html(self) -> str:
        """What is shown, as HTML. The script makes the open block in the same way (`web/static/writing.js`)."""
        shown = _opened(self.kind, escape(self.open)) if self.open else ""
        if open_list := self.open_list:
            item = nested([*open_list.open, Part(self.depth, shown)])
            shown = f"{open_list.upto(len(open_list.items))}{item}{open_list.end}"
        return "".join(self.blocks) + shown

    def add(self, text: str) -> None:
        """Take what was written."""
        self._tail += text.replace("\r", "")
        while self._advance():
            pass

    def end_list(self) -> None:
        """Draw the open list to its end: the text does not grow any more."""
        if self.open_list and self._drawn + len(self._tail) <= LONGEST_RENDERED:
            self._finish(len(self._tail))

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
        start, end = first_possible(self._tail, self._shown)
        while start < end <= len(self._tail) and not is_instruction(self._tail[start:end]):
            start, end = first_possible(self._tail, end)  # it only looked like one
        if start < end:
            self._finish(start)
            self._finish(end - start, instruction=True)
            return True
        if len(self._tail) - start > LONGEST:
            start = len(self._tail)
        if (found := self._finished(self._tail[:start])).length:
            (self._finish_items if found.are_items else self._finish)(found.length)
            return True
        if found.divided:
            self._divide(found.divided)
        self._show(self._tail[:start])
        return False

    def _finished(self, text: str) -> Finished:
        """Return how much of the text is finished. Asked once a line; less often in a long block."""
        lines = text.rfind("\n") + 1
        tried = lines, not MAY_BELONG_TO_LIST.match(text, lines), bool(begun_part(text, lines))
        is_long = lines > LONG_BLOCK and lines < self._tried[0] * 1.25
        if tried == self._tried or is_long or self._drawn + len(text) > LONGEST_RENDERED:
            return NOTHING
        self._tried = tried
        return finished(text)

    def _show(self, text: str) -> None:
        """Show the open block, but not yet the end of it that may be blank lines, or begin code or an item."""
        stripped = text.rstrip()
        last_line = max(0, stripped.rfind("\n"))
        if line := FENCE_LINE.match(text, last_line) or MAY_BE_ITEM.match(text, last_line):
            text = text[: line.start()]
            stripped = text.rstrip()
        if "\n" in text[len(stripped) :]:
            text = stripped
        if len(text) > self._shown:
            begin, self.kind, box = self._begun(text)
            self.open = box + text[begin:]
            if self.depth % 2 and (code := _open_code(text[self._open_at :])) is not None:
                self.kind, self.open = CODE_IN_ITEM, code
            self._shown = len(text)

    def _begun(self, text: str) -> tuple[int, str, str]:
        """Return where the words of the open block begin, how it is shown, and the box of a task before them."""
        item = ITEM.match(text, self._open_at)
        if item and not self.open_list and len(item["indent"]) <= MOST_INDENTED:
            self._begin_list(f"{item[0]}x")
        if not self.open_list:
            return 0, PROSE, ""
        if not item or self.depth % 2:
            begin = len(text) - len(text[self._open_at :].lstrip()) if self._open_at else 0
            return begin, self._kind_in_list(), ""
        box = BOXES[item["box"][1]] if item["box"] else ""
        return item.end(), self._kind_in_list(is_task=bool(box)), box

    def _kind_in_list(self, *, is_task: bool = False) -> str:
        behind_blank = ends_blank(self._tail[: self._open_at]) if self._open_at else self._behind_blank
        if self.depth % 2:
            return PARAGRAPH_IN_ITEM if behind_blank else WORDS_IN_ITEM
        return f"{ITEM_OF_LIST}{'.task' if is_task else ''}{'>p' if behind_blank else ''}"

    def _begin_list(self, text: str) -> None:
        """Begin a list that looks like that in a text."""
        drawn, _ = render_list(text)
        if drawn:
            self.lists[len(self.blocks)] = DrawnList(drawn.start, drawn.end)

    def _divide(self, divided: Divided) -> None:
        """Draw the parts of the open item that are finished; the last one is the open block."""
        if divided.parts <= (len(self.open_list.open) if self.open_list else 0) + 1:
            return
        text = self._tail[: divided.read]
        parts = render_item(text, behind_blank=self._behind_blank)
        if not self.open_list:
            self._begin_list(text)
        open_list = self.open_list
        if not open_list or len(parts) != divided.parts or parts[: len(open_list.open)] != open_list.open:
            return
        *open_list.open, last = parts
        self.depth, self._open_at = last.depth, divided.open_at
        self.open, self._shown = "", divided.open_at
        self.kind = self._kind_in_list()

    # --- what is finished ---

    @property
    def _is_behind_instruction(self) -> bool:
        return not self._drawn and bool(self.blocks)

    def _finish(self, length: int, *, instruction: bool = False) -> None:
        """Draw the beginning of the tail, and take it away."""
        text = self._tail[:length]
        if open_list := self.open_list:
            self._finish_list(open_list, text)
        else:
            self.blocks += [folded(text)] if instruction else render_blocks(text)
        self._drop(length)
        self._drawn = 0 if instruction else self._drawn + length
        self.kind, self._fence, self._behind_blank = PROSE, None, False

    def _finish_list(self, open_list: DrawnList, text: str) -> None:
        """Draw the rest of the open list, and the blocks behind it."""
        rest, others = render_list(text, behind_blank=self._behind_blank)
        self._take_items(open_list, rest, text)
        self.blocks += [open_list.html, *others]

    def _take_items(self, open_list: DrawnList, drawn: DrawnList | None, text: str) -> None:
        """Put items behind those of the open list. `text`: that they were drawn from."""
        items = drawn.items if drawn else []
        if open_list.open and items:
            parts = render_item(text, behind_blank=self._behind_blank)
            if parts[: len(open_list.open)] == open_list.open and nested(parts).strip() == items[0]:
                open_list.divided[len(open_list.items)] = parts
        open_list.open = []
        open_list.items += items

    def _finish_items(self, length: int) -> None:
        """Draw the items at the beginning of the tail, and take them away; the list goes on."""
        text = self._tail[:length]
        if not self.open_list:
            self._begin_list(text)
        drawn, _ = render_list(text, behind_blank=self._behind_blank)
        if self.open_list:
            self._take_items(self.open_list, drawn, text)
        self._drop(length)
        self._drawn += length
        self._behind_blank = ends_blank(text)
        self.kind = self._kind_in_list()

    def _drop(self, length: int) -> None:
        self._tail = self._tail[length:]
        self._tried = (0, False, False)
        self.open, self._shown, self._open_at, self.depth = "", 0, 0, 0


def _opened(kind: str, text: str) -> str:
    """Return the open block as HTML."""
    for element in reversed((OPEN_CODE if kind == CODE else kind).split(">")):
        name, *styles = element.split(".")
        text = f'<{name} class="{" ".join(styles)}">{text}</{name}>' if styles else f"<{name}>{text}</{name}>"
    return text


def _open_code(text: str) -> str | None:
    """Return what is shown of code in an item, without its indentation and its fences; None if it is no such code."""
    indent = len(text) - len(text.lstrip(" "))
    code = re.sub(rf"^ {{1,{indent}}}", "", text, flags=re.MULTILINE) if indent else text
    fence = Fence.of(code)
    if not fence:
        return None
    if fence.read_on(code):
        return code[fence.content : code.rfind("\n", 0, fence.end - 1) + 1]
    return code[fence.content : fence.read if fence.may_end_at(code[fence.read :]) else len(code)]
