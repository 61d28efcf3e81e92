"""What stands before the words of a turn: rows of the open app, what happened since the last turn, and the day. Pure.

A block is kept in `detail.block` of the row that answers the turn, so that an old turn is told word for word as it was:
a model server reads again everything behind the first difference. Of rows that the talk has shown already only the
changes are told, where that is shorter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.tables import Row
from services.agent.limits import MIN_SAVED_BYTES
from services.agent.prompt.row_lines import with_id
from services.agent.prompt.window import size

Line = tuple[int | str, str]
"""The id of a row, and its values as text."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as they are shown to the model, in their order. `title`: of what, "todo of Me"; "": nothing is shown."""

    title: str = ""
    lines: tuple[Line, ...] = ()
    hidden: str = ""
    """A line about rows that are not shown."""


NO_ROWS = Rows()


@dataclass(frozen=True, slots=True)
class Block:
    """What stands before the words of one turn. `rows`: all of them when `whole`, else those that are different."""

    whole: bool = False
    rows: Rows = NO_ROWS
    gone: tuple[int | str, ...] = ()
    """Ids of rows that are not there any more."""
    events: tuple[str, ...] = ()
    day: str = ""

    @property
    def text(self) -> str:
        """The block as the model reads it; "" when there is nothing to tell."""
        parts = [self._rows_text(), _listed("What happened lately", self.events), _listed("Today", (self.day,), "")]
        return "\n".join(part for part in parts if part)

    def _rows_text(self) -> str:
        lines = [with_id(key, line) for key, line in self.rows.lines]
        if self.whole:
            return "\n".join([f"# Rows of {self.rows.title}", *(lines or ["(none yet)"]), *_if_any(self.rows.hidden)])
        gone = [f"gone: id {', '.join(map(str, self.gone))}"] if self.gone else []
        changed = [*lines, *gone, *_if_any(self.rows.hidden)]
        return "\n".join([f"# Rows of {self.rows.title} that are different now", *changed]) if changed else ""

    def as_values(self) -> Row:
        """Return the block as it is stored."""
        rows = self.rows
        return {
            "whole": self.whole,
            "title": rows.title,
            "rows": [list(line) for line in rows.lines],
            "hidden": rows.hidden,
            "gone": list(self.gone),
            "events": list(self.events),
            "day": self.day,
        }


NO_BLOCK = Block()


def read_block(stored: Any) -> Block:
    """Return a block as it was stored; an empty one for anything else."""
    try:
        rows = Rows(stored["title"], tuple((line[0], line[1]) for line in stored["rows"]), stored["hidden"])
        return Block(stored["whole"], rows, tuple(stored["gone"]), tuple(stored["events"]), stored["day"])
    except (TypeError, KeyError, IndexError):
        return NO_BLOCK


def block_since(blocks: Iterable[Block], rows: Rows, events: tuple[str, ...], day: str) -> Block:
    """Return the block of the next turn. `blocks`: those of the talk, the oldest first; `rows`: as they are now."""
    known, known_day = NO_ROWS, ""
    for one in blocks:
        known, known_day = rows_after(known, one), one.day or known_day
    day = day if day != known_day else ""
    whole = Block(whole=bool(rows.title), rows=rows, events=events, day=day)
    if not rows.title or known.title != rows.title:
        return whole
    return _changes(known, rows, events, day) or whole


def _changes(known: Rows, now: Rows, events: tuple[str, ...], day: str) -> Block | None:
    """Return a block of the changes alone; None if rows have moved, or if it would not be much shorter."""
    before, after = dict(known.lines), dict(now.lines)
    gone = tuple(key for key in before if key not in after)
    added = [key for key in after if key not in before]
    if [*(key for key in before if key in after), *added] != list(after):
        return None
    different = tuple((key, line) for key, line in now.lines if before.get(key) != line)
    rows = Rows(now.title, different, now.hidden if now.hidden != known.hidden else "")
    block = Block(whole=False, rows=rows, gone=gone, events=events, day=day)
    whole = Block(whole=True, rows=now, events=events, day=day)
    return block if size(block.text) + MIN_SAVED_BYTES <= size(whole.text) else None


def rows_after(known: Rows, block: Block) -> Rows:
    """Return the rows that the model knows after a block."""
    if block.whole or not block.rows.title:
        return block.rows if block.whole else known
    lines = {key: line for key, line in known.lines if key not in block.gone}
    return Rows(known.title, tuple((lines | dict(block.rows.lines)).items()), block.rows.hidden or known.hidden)


def _listed(heading: str, lines: tuple[str, ...], bullet: str = "- ") -> str:
    return "\n".join([f"# {heading}", *(f"{bullet}{line}" for line in lines)]) if any(lines) else ""


def _if_any(line: str) -> list[str]:
    return [line] if line else []
