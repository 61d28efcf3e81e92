"""A text within a persona's limit of words: it ends with a sentence. Pure.

A comment is cut. An answer is kept whole, and the page folds what is beyond the limit.
"""

import re
from bisect import bisect_right
from collections import deque

SENTENCE_END = re.compile(r"[.!?…。！？]+[\"“”’»)]*(?=\s|$)|[。！？]")
LINE_END = re.compile(r"(?<=\S)(?=\n(?:\n|(?![|\s])))")
"""The end of a line, but not of one in a table, or before an indented one."""
FENCE = re.compile(r"^```.*?(?:^```|\Z)", re.MULTILINE | re.DOTALL)


def within_words(text: str, most: int) -> str:
    """Return the sentences of a text that have at most `most` words; at least the first one, cut if it is too long."""
    if len(text.split()) <= most:
        return text
    kept = ""
    for found in SENTENCE_END.finditer(text):
        until = text[: found.end()]
        if kept and len(until.split()) > most:
            break
        kept = until
        if len(until.split()) > most:
            break
    words = (kept or text).split()
    if len(words) <= most:
        return kept
    return " ".join(words[:most]).rstrip(",;:–—-") + " …"


def fold_of(text: str, instructions: list[list[int]], most: int) -> list[int]:
    """Return where an answer is to be folded, and how many words are behind that; [] when it is within the limit.

    `instructions`: where they stand, as pairs of begin and end; they are no words. `most`: words. What is shown ends
    with a sentence or a line, never within a fence of Markdown. It has at most `most` words, or is one sentence.
    """
    ends = _ends_of_words(text, instructions)
    if len(ends) <= most:
        return []
    closed = [*((start, end) for start, end in instructions), *(found.span() for found in FENCE.finditer(text))]
    breaks = sorted(found.end() for pattern in (SENTENCE_END, LINE_END) for found in pattern.finditer(text))
    breaks = _outside([at for at in breaks if at >= ends[0]], closed)
    shown = bisect_right(breaks, ends[most] - 1) - 1  # the last break before the first word too many
    if not breaks:
        return []
    at = breaks[max(shown, 0)]
    rest = len(ends) - bisect_right(ends, at)
    return [at, rest] if rest else []


def _ends_of_words(text: str, instructions: list[list[int]]) -> list[int]:
    """Return where each word ends; marks of Markdown and instructions are no words."""
    words = [found for found in re.finditer(r"\S+", text) if any(map(str.isalnum, found[0]))]
    outside = set(_outside([word.start() for word in words], [(start - 1, end) for start, end in instructions]))
    return [word.end() for word in words if word.start() in outside]


def _outside(places: list[int], closed: list[tuple[int, int]]) -> list[int]:
    """Return the places that are strictly inside none of the stretches. `places`: in their order."""
    free, stretches, reached = [], deque(sorted(closed)), 0
    for at in places:
        while stretches and stretches[0][0] < at:
            reached = max(reached, stretches.popleft()[1])
        if at >= reached:
            free.append(at)
    return free
