"""The text of an answer in pieces, each one element: the blocks of its Markdown, and the instructions between them."""

from collections.abc import Iterable, Iterator, Sequence

from fastcore.xml import Safe

from apps.tables import Row
from web.html.chat.markdown import render_blocks
from web.html.parts.elements import Details, Div, Summary
from web.html.parts.fragments import html

Span = tuple[int, int]
"""Start and end of an instruction, in characters of the text."""
FEWEST_FOLDED = 40
"""Words. Fewer beyond the limit of the persona are shown: a click for them would cost more than they take."""


def pieces(row: Row) -> list[str]:
    """Return the text of an answer; what is far beyond the persona's limit of words is folded, as one piece."""
    text, spans = row["text"], _spans(row)
    fold, words = (row["detail"] or {}).get("folded") or (len(text), 0)
    if words < FEWEST_FOLDED:
        fold, words = len(text), 0
    shown = list(_between(text, 0, fold, spans))
    return [*shown, _rest(words, _between(text, fold, len(text), spans))] if words else shown


def _rest(words: int, blocks: Iterable[str]) -> str:
    return html(Details(Summary(f"{words:,} more words"), Div(*map(Safe, blocks)), cls="rest"))


def folded(instruction: str) -> str:
    """Return an instruction in an answer. It is folded, since a card shows what it did."""
    return html(
        Details(Summary("Instruction"), Div(instruction.strip(), cls="thoughts"), cls="thinking order"),
    )


def _spans(row: Row) -> list[Span]:
    return [(start, end) for start, end in (row["detail"] or {}).get("spans") or ()]


def _between(text: str, begin: int, end: int, spans: Sequence[Span]) -> Iterator[str]:
    """Yield a part of a text as Markdown, and the instructions that begin in it."""
    at = begin
    for start, stop in (one for one in spans if begin <= one[0] < end):
        yield from render_blocks(text[at:start].strip())
        yield folded(text[start:stop])
        at = stop
    yield from render_blocks(text[at:end].strip() if at or end < len(text) else text)
