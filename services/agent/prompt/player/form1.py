"""Form 1: no manual; the declaration in four lines, the rows with the newest question, and the question. Pure.

The players that were taught it must be told exactly this text, so nothing here may change: another text is another
form. It knows texts, numbers, yes and no, and days; all other types are shown as text. Earlier turns stand without
their rows, and long work, steps of workflows, the date and the user's own prompt files are not told.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from apps.core import ONLY_READ
from apps.tables import Field, Row, Table
from apps.types import TypeName
from apps.types.reader import HERE, Reader
from bus.messages import Values
from services.agent.limits import (
    MAX_FURTHER_ROWS,
    MAX_VISIBLE_ROWS,
    MAX_VISIBLE_ROWS_BYTES,
    TURN_DIVISOR,
    VISIBLE_ROWS_DIVISOR,
)
from services.agent.parse.arguments import writable_fields
from services.agent.parse.types import MODEL_TYPES
from services.agent.prompt.describe import one_line, value_text
from services.agent.prompt.layers import Layer, PromptText, Situation, TableRows
from services.agent.prompt.marks import without_marks
from services.agent.prompt.row_lines import quoted
from services.agent.prompt.talk import joined, shorten
from services.agent.prompt.turns import JUST_HAPPENED, Turn, as_text
from services.agent.prompt.window import prompt_bytes, size

WHO = "You are Pianola, the assistant in the user's apps. Voice: {voice}."
VOICES = {"sassy": "quick, warm, a little sassy", "sober": "precise and calm"}
"""The voices that were taught, by the name of the persona."""
USUAL_VOICE = "short and friendly"
TYPES: dict[TypeName, str] = {"integer": "whole number", "real": "number", "boolean": "yes/no", "date": "date"}
"""The types that were taught, by what they are called; all others are texts."""
TAUGHT = frozenset(("text", *TYPES))
REMARK = "{happened}. Remark in at most {words} words, or - for nothing."

LEAST_TURNS, TURNS_OF_A_CUT = 3, 6
"""So many earlier questions are told at least; when there are so many more, all of them are left out at once."""
MAX_EARLIER_BYTES = 600
"""Bytes of an earlier turn."""
MAX_EVENTS = 2
"""Events that are told."""
READ, ROW = re.compile(r"^(?:list|search|get) (.+):$"), re.compile(r"^id (?=[^ ]+: )")
NONE, LEFT_OUT = re.compile(r"^\(no rows\)$"), re.compile(r"^(?:What came of your|\(rows \d|\(and more)")
"""Lines of the results of reads, as `feedback.py` writes them."""
ARTICLE = re.compile(r"^an? ")
CHANGED = re.compile(r"changed (“.*”) \(([^:,]+): ([^,]*)\)")


def compose(situation: Situation) -> PromptText:
    """Return what the model is told."""
    layers = (
        Layer("Who you are", WHO.format(voice=VOICES.get(situation.voice, USUAL_VOICE))),
        Layer(f"The open app: {situation.app}", declaration(situation)),
    )
    turns = as_text(tuple(one for one in situation.turns if one.text or one.calls))
    system: Values = {"role": "system", "content": "\n".join(layer.text for layer in layers)}
    told = joined((*earlier(turns), *_newest(situation, turns)))
    messages = [system, *(one.as_message() for one in told)]
    if situation.kept:
        messages.append({"role": "assistant", "content": situation.kept})
    messages = [message | {"content": without_marks(message["content"])} for message in messages]
    return PromptText(layers, messages)


# --- the app ---


def declaration(situation: Situation) -> str:
    """Return the lines about the open app: its tables with their fields, and which other apps there are."""
    tables = own_tables(situation.tables)
    row = f" One row is {tables[0].label or f'a row of {tables[0].name}'}." if tables else ""
    others = [one for one in situation.apps if one != situation.app]
    lines = [f"App: {situation.app}.{row}", *map(_table, tables)]
    return "\n".join([*lines, f"Other apps: {', '.join(others)}."] if others else lines)


def own_tables(tables: Iterable[Table]) -> list[Table]:
    """Return the tables whose rows are told."""
    return [one for one in tables if one not in ONLY_READ and not one.read_only]


def _table(table: Table) -> str:
    fields = ", ".join(map(_field, title_first(table)))
    return f"Table {table.name}: {fields}.{' Can be sorted.' if table.sortable else ''}"


def title_first(table: Table) -> list[Field]:
    """Return the fields that the model may write; first the one by which a row is called."""
    fields = writable_fields(table)
    title = next((one for one in fields if one.kind.is_text), None)
    return sorted(fields, key=lambda one: one is not title)


def _field(field: Field) -> str:
    kind = f"one of {', '.join(field.choices)}" if field.choices else TYPES.get(field.type, "text")
    return f"{field.called} ({kind}{', required' if field.required else ''})"


# --- rows ---


def rows_told(situation: Situation) -> str:
    """Return the rows of the open app's tables, under a heading for each."""
    room = min(MAX_VISIBLE_ROWS_BYTES, prompt_bytes(situation.window) // VISIBLE_ROWS_DIVISOR)
    shown = [one for one in situation.rows if one.table in own_tables(situation.tables)]
    most = [MAX_VISIBLE_ROWS, *[MAX_FURTHER_ROWS] * len(shown)]
    return "\n".join(
        _rows(one, number, room // len(shown), situation.reader) for one, number in zip(shown, most, strict=False)
    )


def _rows(found: TableRows, most: int, room: int, reader: Reader) -> str:
    lines: list[str] = []
    for row in found.rows[:most]:
        line = row_line(row, found.table, reader)
        room -= size(line) + 1
        if room < 0:
            break
        lines.append(line)
    hidden = len(found.rows) - len(lines)
    if hidden or found.more:
        lines.append(f"({hidden}{' or more' if found.more else ''} further rows are not shown)")
    return "\n".join([f"Rows of {found.table.name}:", *(lines or ["(none)"])])


def row_line(row: Row, table: Table, reader: Reader = HERE) -> str:
    """Return a row as `3: "fern", room: office, every_days: 7, note: -`.

    Of a type that was not taught, a value that is none is not told: most rows of todo have no due date, tags or note.
    """
    title, *others = title_first(table)
    name = quoted(value_text(row.get(title.name, "")))
    told = (one for one in others if one.type in TAUGHT or row.get(one.name) not in (None, "", []))
    values = (f", {one.called}: {_value(row.get(one.name), one, reader)}" for one in told)
    return "".join([f"{row['id']}: {name}", *values])


def _value(value: Any, field: Field, reader: Reader) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = one_line(value_text(MODEL_TYPES[field.type].show(value, reader)))
    return json.dumps(text, ensure_ascii=False) if '"' in text else text


# --- turns ---


def earlier(turns: tuple[Turn, ...]) -> list[Turn]:
    """Return the turns that are told before the newest question, without what stood before their words.

    How many depends on their number alone, and changes in large steps: what a server has read stays the beginning.
    """
    roots = sorted({one.root for one in turns[:-1] if 0 < one.root < turns[-1].root})
    skipped = max(len(roots) - LEAST_TURNS, 0) // TURNS_OF_A_CUT * TURNS_OF_A_CUT
    told = roots[skipped:]
    return [Turn(one.role, shorten(one.text, MAX_EARLIER_BYTES), root=one.root) for one in turns if one.root in told]


def _newest(situation: Situation, turns: tuple[Turn, ...]) -> list[Turn]:
    """Return the newest turn, [] if there is none: rows, what happened lately, and what the user says.

    With the results of a read the question is asked again, over the rows that were read: so it was not taught, but
    every question with its rows was.
    """
    if not turns:
        return []
    last = turns[-1]
    asked = next((one for one in reversed(turns) if one.root == last.root and one.heading), last)
    head = "\n".join(part for part in (rows_told(situation), lately(situation)) if part)
    if asked is not last:
        head = rows_read(last.text)
    words = shorten(asked.text, prompt_bytes(situation.window) // TURN_DIVISOR)
    if asked.heading:
        said = plain(words, situation.tables) if asked.heading == JUST_HAPPENED else words
        words = f"{asked.heading}: {said}"
    return [Turn("user", f"{head}\n\n{words}" if head else words, root=last.root)]


def rows_read(results: str) -> str:
    """Return the results of reads as they are told: "list plant:" becomes "Rows of plant:"."""
    lines = [line for line in results.splitlines() if not LEFT_OUT.match(line)]
    return "\n".join(NONE.sub("(none)", ROW.sub("", READ.sub(r"Rows of \1:", line))) for line in lines)


def lately(situation: Situation) -> str:
    """Return what the user did since the last turn, in one line; "" for nothing."""
    if situation.purpose != "chat":
        return ""
    mine = [plain(one_line(event), situation.tables) for event in situation.events if event.startswith("The user ")]
    return f"Lately: {'; '.join(mine[-MAX_EVENTS:])}." if mine else ""


def plain(event: str, tables: Iterable[Table]) -> str:
    """Return an event as it was taught: "the user added “fern”", "the user set room of “fern” to office"."""
    text = event.replace("The user ", "the user ")
    text = f"the user {text}" if text[:1].islower() and not text.startswith("the user ") else text
    for label in (table.label or f"a row of {table.name}" for table in tables):
        text = text.replace(f" {label}: “", " “").replace(f" the {ARTICLE.sub('', label)} “", " “")
    return CHANGED.sub(r"set \2 of \1 to \3", text)
