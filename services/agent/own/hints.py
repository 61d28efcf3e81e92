"""What the user's own words say of the fields that a model declares: small models get some of it wrong. Pure.

The part of the words that names a field decides: "if it came back" is a yes or no, "how much in euros" is money.
Choices that nobody said are not kept: small models make them up where a text was meant.
"""

import re

from services.agent.grounding.words import content_words, folded, said, words_of
from services.agent.own.declare import Json, with_title
from services.agent.own.kinds import Meant, from_label, unit_of
from services.agent.own.named import with_named

PART = re.compile(r"[,;:.!?()\n–]|\s-\s|\b(?:and|und|et|y|e|with|mit|avec|con)\b")
WHETHER = re.compile(
    r"^\s*(?:(?:and|und|et|y|or|oder|ou|o)\s+)?(?:if|whether|ob|wenn|si)\b"
    r"|\byes (?:or )?no\b|\bja (?:oder )?nein\b|\boui (?:ou )?non\b|\bsi o no\b"
)
WHEN = re.compile(
    r"\b(?:when|since|until|which day|what day|wann|seit|bis wann|quand|depuis|cuando|desde)\b|\b(?:on|am|le|el)\s*$"
)
CHOICES = re.compile(
    r"\s*(?:[(:=]|with|is|mit|ist|avec|con|que sea)?\s*((?:[^\W\d_]+ ?[^\W\d_]*\s*,\s*){0,9}[^\W\d_]+ ?[^\W\d_]*\s*,?"
    r"\s+(?:or|oder|ou|o)\s+[^\W\d_]+)",
    re.IGNORECASE,
)
"""A list of words that ends with "or"."""
BETWEEN_CHOICES = re.compile(r"\s*,\s*(?:(?:or|oder|ou|o)\s+)?|\s+(?:or|oder|ou|o)\s+", re.IGNORECASE)
LONGEST_LIST = 200
"""Characters."""
SAID_CHOICES = 2
TEXTS = ("text", "markdown")
NUMBERS = ("real", "integer")
WORDS = ("text", "markdown", "date", "moment")
"""Types that a small model gives to what is a yes or no."""


def with_hints(declaration: Json, words: str) -> Json:
    """Return a declaration whose fields have the types that the user's words say. `words`: "" changes nothing."""
    if not words.strip():
        return declaration
    parts = [one for one in PART.split(folded(words)) if one.strip()]
    first, *others = [
        {**table, "fields": [_hinted(one, parts, words) for one in table["fields"]]} for table in declaration["tables"]
    ]
    named = with_named(first["fields"], words) if not others else first["fields"]
    return {**declaration, "tables": [{**first, "fields": with_title(named)}, *others]}


def with_hints_for_new(declaration: Json, words: str) -> Json:
    """Return a declaration whose new fields, which have no names yet, have the types that the user's words say."""
    parts = [one for one in PART.split(folded(words)) if one.strip()]

    def hinted(table: Json) -> Json:
        fields = [one if "name" in one else _hinted(one, parts, words) for one in table["fields"]]
        return {**table, "fields": fields}

    return {**declaration, "tables": [hinted(table) for table in declaration["tables"]]}


def choices_behind(label: str, words: str) -> list[str]:
    """Return the choices that the words list right behind the name of a field: "colour (red, white or rosé)"."""
    begins = re.search(rf"\b{re.escape(label)}\b", words, re.IGNORECASE)
    found = CHOICES.match(words[begins.end() :][:LONGEST_LIST]) if begins else None
    return [one.strip() for one in BETWEEN_CHOICES.split(found[1]) if one.strip()] if found else []


def _hinted(field: Json, parts: list[str], words: str) -> Json:
    if "choices" in field and not _are_said(field["choices"], words):
        meant = from_label(field["label"]) or Meant("text")
        field = {**{key: value for key, value in field.items() if key != "choices"}, "type": meant.type}
    if "choices" in field or field.get("required"):
        return field
    if field["type"] in TEXTS and (choices := choices_behind(field["label"], words)):
        return {**field, "type": "text", "choices": choices}
    label = folded(field["label"])
    part = label if WHETHER.search(label) else _part_of(label, parts)
    kind = field["type"]
    if kind in WORDS and WHETHER.search(part):
        return {**field, "type": "boolean"}
    if kind in NUMBERS and (currency := unit_of("money", f"{part} {label}")):
        return {**field, "type": "money", "unit": currency}
    if kind == "text" and WHEN.search(part):
        return {**field, "type": "date"}
    return field


def _are_said(choices: list[str], words: str) -> bool:
    """Return whether enough of the choices were said: the model may have completed the others."""
    heard = words_of(words)
    told = [one for one in choices if any(said(word, heard) for word in content_words(one))]
    return len(told) >= min(SAID_CHOICES, len(choices))


def _part_of(label: str, parts: list[str]) -> str:
    """Return the part of the words that names a field: the one that shares the most words with its label."""
    wanted = content_words(label)
    scores = [sum(said(word, words_of(part)) for word in wanted) for part in parts]
    best = max(scores, default=0)
    return parts[scores.index(best)] if best else ""
