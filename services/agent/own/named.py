"""The fields that the user's words list, one by one: "name, room, and when I watered them". Pure.

A very small model leaves some out, or names them in English. What was listed is then added, and called as it was said.
"""

import re
from collections.abc import Sequence

from services.agent.grounding.words import content_words, folded, said, words_of
from services.agent.own.declare import FIELDS, Json
from services.agent.own.kinds import from_label, label_and_unit
from services.agent.own.language import language_of

LIST_BEGINS = re.compile(r"[:?–]|\s-\s|\b(?:with|mit|avec|con)\b", re.IGNORECASE)
LIST_ENDS = re.compile(r"[.!?\n]")
BETWEEN = re.compile(r"\s*[,;]\s*|\s+(?:and|und|et|y|e)\s+", re.IGNORECASE)
BEFORE = re.compile(
    r"^(?:(?:and|und|et|y|e|plus|the|an?|my|der|die|das|den|ein|eine|meine?|le|la|les|une?|mon|ma|mes|el|los|las|una|mis?)"
    r"\s+|l['’])+",
    re.IGNORECASE,
)
IN_BRACKETS = re.compile(r"\([^)]*\)")
OR = re.compile(r"\b(?:or|oder|ou|o)\b", re.IGNORECASE)
EVERY_DAY = re.compile(
    r"\b(?:every (?:day|morning|evening|night|week)|daily|weekly|jeden (?:tag|morgen|abend)|jede woche|taglich"
    r"|chaque (?:jour|matin|soir|semaine)|tous les (?:jours|matins)|cada (?:dia|manana|noche|semana)|todos los dias)\b"
)
DAY = {"German": "Datum", "French": "Date", "Spanish": "Fecha", "Italian": "Data"}
SHORT, SHORTEST = 3, 2
"""Words of a part that can be a label; and of one that is added as a text."""
STEM = 4
"""Letters at the beginning that two forms of a word have in common."""
DAYS = ("date", "moment")


def listed_fields(words: str) -> list[str]:
    """Return the parts of the words that list fields, as they were written; [] where there is no list."""
    begins = LIST_BEGINS.search(words)
    if begins is None:
        return []
    rest = LIST_ENDS.split(IN_BRACKETS.sub(" ", words[begins.end() :]).strip())[0]
    parts = (BEFORE.sub("", one.strip()).strip(" .!?-–") for one in BETWEEN.split(rest))
    return [one for one in parts if one]


def with_listed(said: Json, words: str) -> Json:
    """Return what a model wrote for a new app, with the fields that the user listed if it wrote none."""
    has_fields = any(said.get(key) for key in (*FIELDS, "tables", "table", "declaration"))
    listed = [] if has_fields else listed_fields(words)
    return {**said, "fields": listed} if listed else said


def with_named(fields: Sequence[Json], words: str) -> list[Json]:
    """Return fields called as the user named them, with those that the model has left out."""
    parts = listed_fields(words)
    made = _renamed(fields, parts, words)
    for part in parts:
        if (new := _left_out(part, made, parts)) is not None:
            made.append(new)
    if EVERY_DAY.search(folded(words)) and not any(one["type"] in DAYS for one in made):
        made.append({"label": DAY.get(language_of(words), "Date"), "type": "date"})
    return made


def _renamed(fields: Sequence[Json], parts: Sequence[str], words: str) -> list[Json]:
    """Return the fields with the user's own names, if the model has translated them."""
    if len(fields) != len(parts) or language_of(words) in ("", "English"):
        return list(fields)
    strange = [not _is_alike(part, field) for part, field in zip(parts, fields, strict=True)]
    if sum(strange) * 2 <= len(parts):
        return list(fields)
    return [
        {**field, "label": _label(part)} if is_strange and len(words_of(part)) <= SHORT else field
        for part, field, is_strange in zip(parts, fields, strange, strict=True)
    ]


def _left_out(part: str, fields: Sequence[Json], parts: Sequence[str]) -> Json | None:
    """Return the field that a part names, if none of the fields is it."""
    count = len(words_of(part))
    if count > SHORT or OR.search(part) or any(_names(part, one) for one in fields):
        return None
    label, unit = label_and_unit(part)
    meant = from_label(part)
    if meant and not meant.says_little:
        alike = DAYS if meant.type in DAYS else (meant.type,)
        is_there = any(one["type"] in alike for one in fields)
        return None if is_there else {"label": _label(label), "type": meant.type} | ({"unit": unit} if unit else {})
    is_short = count <= SHORTEST and len(fields) < len(parts)
    return {"label": _label(label), "type": "text"} if is_short else None


def _names(part: str, field: Json) -> bool:
    """Return whether a part of the words is about a field: they share a word, also of its choices."""
    known = words_of(" ".join([field["label"], *field.get("choices", ())]))
    return any(said(word, known) for word in content_words(part))


def _is_alike(part: str, field: Json) -> bool:
    """Return whether a label has a word of the user's, by its first letters: “Titel” is not “Title”."""
    known = {word[:STEM] for word in words_of(field["label"])}
    return any(word[:STEM] in known for word in content_words(part))


def _label(part: str) -> str:
    return part[:1].upper() + part[1:60]
