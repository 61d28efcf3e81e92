"""A text within a persona's limit of words: it ends with a sentence. Pure.

A comment is cut. An answer is kept whole, and the page folds what is beyond the limit.
"""

import re

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
    closed = [*instructions, *([found.start(), found.end()] for found in FENCE.finditer(text))]

    def words(begin: int, end: int) -> int:
        inside = sum(count(text[max(a, begin) : min(b, end)]) for a, b in instructions if a < end and b > begin)
        return count(text[begin:end]) - inside

    if words(0, len(text)) <= most:
        return []
    ends = sorted(found.end() for pattern in (SENTENCE_END, LINE_END) for found in pattern.finditer(text))
    ends = [end for end in ends if words(0, end) and not any(a < end < b for a, b in closed)]
    fitting = [end for end in ends if words(0, end) <= most] or ends[:1]
    rest = words(fitting[-1], len(text)) if fitting else 0
    return [fitting[-1], rest] if rest else []


def count(text: str) -> int:
    """Return how many words a text has; marks of Markdown are none."""
    return sum(any(map(str.isalnum, word)) for word in text.split())
