"""Splits a sentence into single orders: "add milk and eggs, tick the bread" is three. Pure."""

import re

SEVERAL = r"add|put|note|write down|tick|check|untick|uncheck|delete|remove|drop"
"""Verbs that also apply to the next part without a verb: "add milk and eggs"."""
VERB = re.compile(
    rf"(?:please |then |also )*(?:(?P<goes_on>{SEVERAL})|remember|remind me to|reopen|complete|finish|mark|erase|rename"
    r"|change|list|show|read|what(?:'s| is| do i have)|tell)\b",
    re.IGNORECASE,
)
JOINT = re.compile(r"\s*(?:,\s*and\b|,|;|\band then\b|\band\b|\.\s)\s*", re.IGNORECASE)
QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")
MOST_ORDERS = 10
LONGEST_QUOTE = 60


def clauses(said: str, titles: list[str]) -> list[str]:
    """Return the orders in a sentence, each with its verb. `titles`: titles of rows, which are not split."""
    found: list[str] = []
    for part, joint in parts(said):
        verb = VERB.match(found[-1]) if found else None
        if not found or VERB.match(part):
            found.append(part)
        elif verb and verb["goes_on"] and not _is_title(found[-1], joint, part, titles):
            found.append(f"{verb[0]} {part}")
        else:
            found[-1] += f"{joint}{part}"
    return found[:MOST_ORDERS]


def _is_title(order: str, joint: str, part: str, titles: list[str]) -> bool:
    whole = f"{order}{joint}{part}".casefold().rstrip(" .!?")
    return any(whole.endswith(title.casefold()) for title in titles if re.search(JOINT, title))


def parts(said: str) -> list[tuple[str, str]]:
    """Return pairs of a part and the comma or "and" before it. Quoted text is not split."""
    quoted = [found.span() for found in QUOTED.finditer(said)]
    made, start, joint = [], 0, ""
    for found in JOINT.finditer(said):
        if any(begin < found.start() < end for begin, end in quoted):
            continue
        made.append((said[start : found.start()], joint))
        start, joint = found.end(), found.group()
    made.append((said[start:], joint))
    return [(part.strip(), joint) for part, joint in made if part.strip()]


def quoted(text: str) -> str:
    """Return a text in quotation marks: letters, digits, plain punctuation; cut to `LONGEST_QUOTE` characters."""
    kept = "".join(character if character.isalnum() or character in " .,:;!?'-" else " " for character in text)
    kept = " ".join(kept.split())
    return f"“{kept[:LONGEST_QUOTE].rstrip()}{'…' if len(kept) > LONGEST_QUOTE else ''}”"
