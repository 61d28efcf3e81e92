"""A new app, or a change of one, from a plain sentence: "make me an app for my plants: name, room". Pure.

The prompt says which of the two is asked for, in the heading of its only part (`services/agent/own/asking.py`).
"""

import re
from collections.abc import Callable

from bus.messages import Values

NEW, CHANGE = "# A new app\n", "# A change of an app\n"
ABOUT = re.compile(r"\b(?:for|to track|to keep|für|pour|para)\s+(?P<about>[^:;,.!?\n]{1,60})", re.IGNORECASE)
FIELDS = re.compile(r"(?::|\bwith\b|\bmit\b|\bavec\b|\bcon\b)(?P<fields>.+)", re.IGNORECASE)
BETWEEN = re.compile(r"\s*(?:,\s*(?:and|und|et|y)\s+|,|;|\s(?:and|und|et|y)\s)\s*", re.IGNORECASE)
OWNER = re.compile(r"^(?:my|the|our|meine?|mes|mis|ma|mi|les|los|las|die)\s+", re.IGNORECASE)
CHANGED = re.compile(r"^The user wants to change the app “[^”]*” \((?P<name>[a-z0-9_]+)\)", re.MULTILINE)
FIELD = r"(?:the |a |an |another |one more |new )*(?:field|column)s?"
CHANGES = (
    (rf"(?:add|i need|we need) {FIELD}(?: for| called| named|:)?(?: the)? [“\"]?(?P<field>[^”\"]+?)[”\"]?$", "add"),
    (rf"rename {FIELD} [“\"]?(?P<field>.+?)[”\"]? (?:to|into) [“\"]?(?P<to>[^”\"]+?)[”\"]?$", "rename"),
    (rf"(?:remove|delete|drop) {FIELD} [“\"]?(?P<field>[^”\"]+?)[”\"]?$", "remove"),
    (rf"(?:make|turn|change) {FIELD} [“\"]?(?P<field>.+?)[”\"]? (?:into |to )?(?:an? )?(?P<type>[a-z ]+)$", "retype"),
)
"""Pairs: a pattern for the order, and what it does to a field."""
UNIT = re.compile(
    r"(?:make|use|call) (?:it|that|them)?\s*(?:in )?(?P<new>\w+) (?:instead of|rather than|not) (?P<old>\w+)$",
    re.IGNORECASE,
)
"""A unit of a field that is to be another one: “make it days instead of weeks”."""
ONE_MORE = re.compile(
    r"(?:and|plus|also|with)\s+(?:also\s+)?(?:an? |the |one for |a field for )*(?P<field>[^,;]{1,60})$", re.IGNORECASE
)
"""A field that a proposed app lacks: “and a note”."""
NEW_TYPE = re.compile(rf"(?:make|turn|change) {FIELD} (?P<rest>.+)$", re.IGNORECASE)
LABELS = re.compile(r"(?:^|, |; )([^,;()]+) \([^)]*\)")
"""The labels in the list of fields that the prompt has."""
NEW_TABLE = re.compile(
    r"(?:and |also |please )*(?:add|create|make) (?:an?|another|one more|a second|a further) table"
    r" (?:for|of|called|named)(?: (?:the|my))? [“\"]?(?P<row>[^:,”\"]{1,40}?)[”\"]?(?:(?::| with) (?P<fields>.+))?$",
    re.IGNORECASE,
)
"""A further table: “add a table for the pots: name, size”."""
WITH_UNIT = r"(?:^|[,;] |: )(?P<field>[^,;:()]+?) \((?P<type>[a-z ]+), %s\)"
POLITE = re.compile(r"^(?:(?:please|can you|could you|ok|okay)\s+)+", re.IGNORECASE)
NOT_UNDERSTOOD = (
    "I understand “add a field for the price”, “rename the field room to place” and “remove the field room”."
)
MOST_FIELDS = 20
DEFAULT_FIELDS = ["name", "note"]

Play = Callable[[str, Values], str]


def about_own_app(said: str, messages: list[Values], play: Play) -> str:
    """Return the answer to a wish for a new app, or for a change of one; "" where neither is asked for."""
    system = next((str(one.get("content", "")) for one in messages if one.get("role") == "system"), "")
    if system.startswith(NEW):
        return make(said, play)
    return change(said, system, play) if system.startswith(CHANGE) else ""


def make(said: str, play: Play) -> str:
    """Return the answer that proposes a new app: what it is for, and the fields behind a colon or "with"."""
    listed = FIELDS.search(said)
    about = ABOUT.search(said[: listed.start()] if listed else said)
    label = about["about"].strip() if about else "my list"
    fields = [one.strip(" .!?") for one in BETWEEN.split(listed["fields"])] if listed else []
    fields = [one for one in fields if one][:MOST_FIELDS] or DEFAULT_FIELDS
    thing = OWNER.sub("", label)
    row = f"a {thing.removesuffix('s')}" if thing.isascii() else thing
    instruction = {"operation": "make_app", "label": f"{label[0].upper()}{label[1:]}", "row": row, "fields": fields}
    return play("This is how it could look.", instruction)


def change(said: str, system: str, play: Play) -> str:
    """Return the answer that proposes a change of the app that the prompt names."""
    named = CHANGED.search(system)
    words = POLITE.sub("", said).strip(" .!?")
    if one := _new_type(words, system):
        return _played(one, named, play)
    for pattern, do in CHANGES:
        if found := re.match(pattern, words, re.IGNORECASE):
            parts = {key: value.strip() for key, value in found.groupdict().items()}
            return _played({"do": do, **parts}, named, play)
    if one := _new_unit(words, system) or _new_table(words) or _one_more(words):
        return _played(one, named, play)
    return NOT_UNDERSTOOD


def _played(change: Values, named: re.Match[str] | None, play: Play) -> str:
    app = {"app": named["name"]} if named else {}
    return play("Here is the change.", {"operation": "change_app", **app, "changes": [change]})


def _new_type(words: str, system: str) -> Values:
    """Return the change of the type of a field that the prompt tells of; {} where there is none."""
    said = NEW_TYPE.match(words)
    listed = re.search(r"Its fields: (.+)\.$", system, re.MULTILINE)
    if said is None or listed is None:
        return {}
    labels = (one.strip() for one in LABELS.findall(listed[1]))
    for label in sorted(labels, key=len, reverse=True):
        rest = said["rest"].lstrip('“"')
        if rest.casefold().startswith(f"{label.casefold()} ") or rest.casefold().startswith(f"{label.casefold()}”"):
            kind = re.sub(r"^[”\"\s]*(?:into |to )?(?:an? )?(?:amount of )?", "", rest[len(label) :])
            return {"do": "retype", "field": label, "type": kind}
    return {}


def _new_table(words: str) -> Values:
    """Return the change that adds a table; {} where there is none."""
    found = NEW_TABLE.match(words)
    if found is None:
        return {}
    fields = [one.strip() for one in BETWEEN.split(found["fields"])] if found["fields"] else DEFAULT_FIELDS
    thing = OWNER.sub("", found["row"].strip())
    return {"do": "add_table", "row": f"a {thing.removesuffix('s')}", "fields": fields[:MOST_FIELDS]}


def _new_unit(words: str, system: str) -> Values:
    """Return the change of the field whose unit is to be another one; {} where there is none."""
    said = UNIT.match(words)
    fields = re.search(r"Its fields: (.+)\.$", system, re.MULTILINE)
    found = re.search(WITH_UNIT % re.escape(said["old"]), fields[1], re.IGNORECASE) if said and fields else None
    if said is None or found is None:
        return {}
    return {"do": "retype", "field": found["field"].strip(), "type": found["type"], "unit": said["new"].lower()}


def _one_more(words: str) -> Values:
    found = ONE_MORE.match(words)
    return {"do": "add", "field": found["field"].strip()} if found else {}
