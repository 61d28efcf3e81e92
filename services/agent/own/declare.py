"""Read what a model wrote for a new app into a declaration, generously. Pure.

Models write `{"label": …, "fields": […]}`, or tables with fields of their own; a field is an object, a label, or a pair
of label and type. `apps/own/declaration.py` checks what comes of it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.names import compared
from apps.tables import BadValue
from apps.types import FIELD_TYPES
from services.agent.own.kinds import Meant, from_label, from_words, label_and_unit, unit_of

Json = dict[str, Any]

LABELS = ("label", "title", "name", "app", "app_name", "app_label")
ROW_LABELS = ("row", "row_label", "singular", "one", "item", "label", "title", "name", "table")
FIELDS = ("fields", "columns", "properties", "schema", "attributes", "values")
FIELD_LABELS = ("label", "name", "field", "title", "column", "key")
TYPES = ("type", "kind", "data_type", "datatype", "field_type")
CHOICES = ("choices", "options", "enum", "allowed", "one_of", "values")
EXAMPLES = ("examples", "rows", "example_rows", "example", "data", "samples", "sample_rows")
MOST_EXAMPLES = 3
MOST_CHOICES = 50
KEPT_OF_FIELD = ("unit", "least", "most", "limit", "default", "to", "several")
WITH_TYPE = re.compile(r"^(.{1,80}?)\s*(?:[:=]|\(|\s-\s)\s*([^():]{1,60})\)?$")
"""A field in one text: "room: text", "bought (date)"."""
NO_LABEL = 'The app has no `label`. Expected what the user calls it, for example "My plants".'
NO_FIELDS = "The app has no `fields`. Expected a list of objects with `label` and `type`."
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What a model wrote for a new app: the declaration, and the example rows of its first table, as written."""

    declaration: Json
    examples: tuple[Any, ...] = ()


def declared(said: Json) -> Said:
    """Return what an instruction declares; raise `BadValue` if it does not say enough."""
    inner: Json = next((said[key] for key in ("declaration", "app") if type(said.get(key)) is dict), {})
    said = {**said, **inner}
    label = _text(said, LABELS)
    if not label:
        raise BadValue("bad_value", NO_LABEL)
    tables = _tables(said, label)
    written, examples = tables[0]
    rest = {key: said[key] for key in ("icon", "prompt") if type(said.get(key)) is str and said[key].strip()}
    json = {"label": label, **rest, "tables": [written, *(one for one, _ in tables[1:])]}
    return Said(json, examples or _examples(said))


def _tables(said: Json, label: str) -> list[tuple[Json, tuple[Any, ...]]]:
    """Return each table, with the example rows that stand in it."""
    written = said.get("tables") or said.get("table")
    if type(written) is dict and not any(key in written for key in FIELDS):
        written = [{"row": name, **_as_table(one)} for name, one in written.items()]
    elif type(written) is dict:
        written = [written]
    if type(written) is not list or not any(type(one) is dict for one in written):
        written = [{**said, "row": _text(said, ROW_LABELS[:5]) or label}]
    return [(_table(one, label), _examples(one)) for one in written if type(one) is dict]


def _as_table(said: Any) -> Json:
    return said if type(said) is dict and any(key in said for key in FIELDS) else {"fields": said}


def _table(said: Json, app: str) -> Json:
    fields = fields_of(next((said[key] for key in FIELDS if said.get(key)), []))
    if not fields:
        raise BadValue("bad_value", NO_FIELDS)
    kept = {key: said[key] for key in ("sortable", "scoped") if type(said.get(key)) is bool}
    views = {"views": said["views"]} if type(said.get("views")) is list else {}
    label = _text(said, ROW_LABELS) or app
    return {"label": label} | kept | {"fields": with_title(fields)} | views


def fields_of(said: Any) -> list[Json]:
    """Return the fields that a model wrote, each once: as a list, or as a map of label to type."""
    if type(said) is dict:
        said = [{"label": label, **(kind if type(kind) is dict else {"type": kind})} for label, kind in said.items()]
    found: list[Json] = []
    for one in said if type(said) is list else []:
        made = field_of(one)
        if made and all(compared(made["label"]) != compared(other["label"]) for other in found):
            found.append(made)
    return found


def field_of(said: Any) -> Json | None:
    """Return one field; None where nothing names one."""
    if type(said) is str:
        pair = WITH_TYPE.match(said.strip())
        meant = from_words(pair[2]) if pair else None
        said = {"label": pair[1], "type": pair[2]} if pair and meant else {"label": said}
    if type(said) is not dict:
        return None
    if len(said) == 1 and not any(key in said for key in FIELD_LABELS):
        ((label, kind),) = said.items()
        said = {"label": label, "type": kind}
    label = _text(said, FIELD_LABELS)
    if not label:
        return None
    label, behind = label_and_unit(label)
    choices = _choices(said)
    meant = _meant(said, label, choices)
    unit = _unit(said, meant, label, behind)
    required = {"required": True} if said.get("required") is True else {}
    return {"label": _capital(label), "type": meant.type, **required, **_options(said, meant), **choices, **unit}


def _meant(said: Json, label: str, choices: Json) -> Meant:
    """Return the type of a field: as it was said; else, and where it was only called a text, as its label suggests."""
    if choices:
        return Meant("text")
    if _is_yes_or_no(_listed_choices(said)):
        return Meant("boolean")
    words = " ".join(value for key in TYPES if type(value := said.get(key)) is str)
    meant = from_words(words) if words else None
    if meant is None or meant.says_little:
        meant = from_label(label) or meant or Meant("text")
    kind = FIELD_TYPES[meant.type]
    by_label = from_label(label) if kind.has_unit and not meant.is_money else None
    if by_label and (by_label.is_money or by_label.says_little):  # a phone number is no number to calculate with
        return by_label
    leads_nowhere = kind.is_link and type(said.get("to")) is not str
    return Meant("text") if leads_nowhere else meant


def _unit(said: Json, meant: Meant, label: str, behind: str) -> Json:
    """Return the unit of a field. `behind`: the one that stood in its label."""
    kind, given = FIELD_TYPES[meant.type], said.get("unit")
    if not kind.has_unit:
        return {}
    told = given.strip() if type(given) is str else ""
    unit = unit_of(meant.type, f"{told} {label}") or meant.unit if kind.unit_keys else told or behind or meant.unit
    return {"unit": unit[:20]} if unit else {}


def _options(said: Json, meant: Meant) -> Json:
    """Return further options of a field that stand beside a type as it was said."""
    if type(said.get("type")) is not str or said["type"] not in FIELD_TYPES:
        return {}
    return {key: said[key] for key in KEPT_OF_FIELD if key != "unit" and key in said and said[key] is not None}


def _choices(said: Json) -> Json:
    texts = _listed_choices(said)
    return {"choices": texts[:MOST_CHOICES]} if len(texts) > 1 and not _is_yes_or_no(texts) else {}


def _listed_choices(said: Json) -> list[str]:
    """Return the texts among which a field lets choose, each once."""
    found = next((said[key] for key in CHOICES if key in said), None)
    if type(found) is str:
        found = re.split(r"\s*[,;/|]\s*", found)
    texts = [str(one).strip() for one in found if type(one) in (str, int, float)] if type(found) is list else []
    return list(dict.fromkeys(one for one in texts if one))


def _is_yes_or_no(texts: Sequence[str]) -> bool:
    return len(texts) == len(("yes", "no")) and from_words("/".join(texts)) == Meant("boolean")


def with_title(fields: list[Json]) -> list[Json]:
    """Return fields of which a text is required: the first one that can be the title of a row, else a new one."""
    if any(one.get("required") and one["type"] == "text" for one in fields):
        return fields
    title = next((one for one in fields if one["type"] == "text" and "choices" not in one), None)
    if title is None:
        return fields
    return [{**one, "required": True} if one is title else one for one in fields]


def _examples(said: Json) -> tuple[Any, ...]:
    found: list[Any] = next((said[key] for key in EXAMPLES if type(said.get(key)) is list), [])
    return tuple(one for one in found if type(one) in (list, dict))[:MOST_EXAMPLES]


def _text(said: Mapping[str, Any], keys: Iterable[str]) -> str:
    """Return the first text under one of these keys, in one line."""
    found = (" ".join(said[key].split()) for key in keys if type(said.get(key)) is str)
    return next((one for one in found if one), "")[:LONGEST_LABEL]


def _capital(label: str) -> str:
    """Return a label as people write one: "water_every" is "Water every"."""
    label = label.replace("_", " ").strip() if " " not in label else label.strip()
    return label[:1].upper() + label[1:]
