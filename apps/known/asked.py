"""Read from a message what the user wants to be remembered: `/remember …`, or "remember that …". Pure."""

import re

COMMAND = re.compile(r"\s*/remember(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
ASKED = re.compile(
    r"""\s*(?:please|bitte|por\ favor|s['’]il\ (?:te|vous)\ pla[iî]t)?,?\s*(?:
        remember\s*(?:that\b|:)
      | keep\ in\ mind\s*(?:that\b|:)
      | merke?\ (?:dir|es\ dir)\s*,?\s*(?:dass\b|:)
      | (?:souviens-toi|retiens|rappelle-toi)\s*(?:que\b|qu['’]|:)
      | recuerda\s*(?:que\b|:)
    )\s*,?\s*(.+?)\s*""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
FURTHER = re.compile(r"[.!?]\s+\S|\n\s*\S")
"""A message of several sentences says more than that: the assistant reads it."""


def to_remember(message: str) -> str | None:
    """Return the user's words that are to be remembered; "" if none follow, None if the message is about anything else.

    "Remember to call the bank" is none: it is about something to do.
    """
    if found := COMMAND.fullmatch(message):
        text = (found[1] or "").strip()
        return text if re.search(r"\w", text) else ""
    asked = ASKED.fullmatch(message)
    if asked is None or asked[1].endswith("?") or FURTHER.search(asked[1]):
        return None
    return asked[1].rstrip(".!").strip() or None
