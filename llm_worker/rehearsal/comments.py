"""The comments of the rehearsal player on what the user did. Pure."""

import re
import zlib

from llm_worker.rehearsal.clauses import quoted

COMMENTS = [
    (
        r"\b(?:add|insert|new|wrote)",
        (
            "{thing}? The list grows. Nobody asked the list.",
            "{thing}. One more line for the list.",
            "{thing}: another one that thinks it is urgent.",
        ),
    ),
    (r"\b(?:untick|reopen)", ("{thing} is back. I knew we would meet again.",)),
    (
        r"\b(?:tick|done|complet|finish)",
        (
            "{thing}: done. Well played!",
            "{thing} is done. Next, please.",
            "{thing}: finished. That looked easy.",
        ),
    ),
    (r"\b(?:delet|remov)", ("{thing} is gone. I will not ask why.", "No more {thing}. The page looks tidier.")),
    (r"\bopen", ("A new page. Let me look around.",)),
    (r"", ("I saw that.", "Noted.", "Something happened, and I have no joke about it.")),
]
"""Pairs: a pattern for what happened, and the comments to choose from. `{thing}`: the name of the row."""


def comment(told: str) -> str:
    """Return a short comment on the first line of `told`. The same line always gets the same comment."""
    told = told.rpartition("# Just happened\n")[2].partition("\n")[0]
    named = re.search(r"[“\"']([^”\"']{1,200})[”\"']", told)
    thing = quoted(named[1]) if named else "That"
    choices = next(choices for pattern, choices in COMMENTS if re.search(pattern, told[:1000], re.IGNORECASE))
    return choices[zlib.crc32(told.encode()) % len(choices)].format(thing=thing)
