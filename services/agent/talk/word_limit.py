"""A text within a persona's limit of words: it ends with a sentence. Pure."""

import re

SENTENCE_END = re.compile(r"[.!?…。！？]+[\"“”’»)]*(?=\s|$)|[。！？]")


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
