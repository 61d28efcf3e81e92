"""The remarks of the rehearsal player on what the user did. Pure."""

import re
import zlib

from llm_worker.rehearsal.sentences import quoted

REMARKS = [
    (
        r"\b(?:add|insert|new|wrote)",
        (
            "{thing}? The list grows; nobody asked the list.",
            "{thing}. Noted, in ink of air.",
            "{thing}: another one that thinks it is urgent.",
        ),
    ),
    (r"\b(?:untick|reopen)", ("{thing} is back. I never believed it was gone.",)),
    (
        r"\b(?:tick|done|complet|finish)",
        (
            "{thing}: done. A small drum roll.",
            "{thing} is off your hands. Play on.",
            "{thing}, ticked. That felt easy.",
        ),
    ),
    (r"\b(?:delet|remov)", ("{thing} is gone. We shall not speak of it.", "No more {thing}. The page breathes.")),
    (r"\bopen", ("A change of scene. I brought no sheet music.",)),
    (r"", ("I saw that.", "Duly noted, from the piano stool.", "Something happened, and I have no notes for it.")),
]
"""Pattern of what happened, and possible remarks; `{thing}` is the row in question. The first match counts."""


def remark(told: str) -> str:
    """Return a short remark about the first line of `told`. The same line always gets the same remark."""
    told = told.partition("\n")[0]
    named = re.search(r"[“\"']([^”\"']{1,200})[”\"']", told)
    thing = quoted(named[1]) if named else "That"
    choices = next(choices for pattern, choices in REMARKS if re.search(pattern, told[:1000], re.IGNORECASE))
    return choices[zlib.crc32(told.encode()) % len(choices)].format(thing=thing)
