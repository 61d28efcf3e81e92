"""Join what an answer says after *Continue* to what it said before, so that the text reads as one. Pure.

Most servers go on in the middle of the word. Others begin a new message: they repeat the end of the text, or leave out
the space between two sentences.
"""

import re

LEAST_WORDS = 3
"""Of what is repeated. Less may be a coincidence."""
LONGEST_OVERLAP = 2_000
"""Characters."""
WORD = re.compile(r"\w+")
END_OF_SENTENCE = re.compile(r"\w[.!?]$")
BEGIN_OF_SENTENCE = re.compile(r"[A-ZÀ-Þ][\w’']*[ ,]")
FENCE = "```"


def joined(before: str, after: str) -> str:
    """Return both texts as one."""
    rest = _without_overlap(before, after)
    if before[-1:].isspace():
        return before + rest.lstrip(" \t")
    is_prose = before.count(FENCE) % 2 == 0
    between = is_prose and END_OF_SENTENCE.search(before) and BEGIN_OF_SENTENCE.match(rest)
    return f"{before} {rest}" if between else before + rest


def _without_overlap(before: str, after: str) -> str:
    """Return the second text without its beginning, if that repeats the end of the first."""
    begin = after.lstrip()
    for length in range(min(len(before), len(begin), LONGEST_OVERLAP), 0, -1):
        if before.endswith(begin[:length]):
            return begin[length:] if len(WORD.findall(begin[:length])) >= LEAST_WORDS else after
    return after
