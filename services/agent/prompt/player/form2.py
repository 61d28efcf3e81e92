"""Form 2: as form 1, but with words for every type, the day, and old turns as they were told, byte for byte. Pure.

The rows stand before the first question and again before a question for which they are different; else the last ones
told still hold. So what a server has read stays the beginning of the next prompt. Earlier turns are left out as in the
general prompt: in rare, large steps. No player has been taught it yet: adapters of form 2 are to be taught on it.
"""

from collections.abc import Mapping
from dataclasses import replace

from apps.tables import Field, Row, Table
from apps.types import TypeName
from apps.types.reader import HERE, Reader
from bus.messages import Values
from services.agent.limits import (
    CONTINUED_TEXT_DIVISOR,
    KEPT_AT_CUT_DIVISOR,
    MAX_FURTHER_ROWS,
    MAX_VISIBLE_ROWS,
    MAX_VISIBLE_ROWS_BYTES,
    VISIBLE_ROWS_DIVISOR,
)
from services.agent.parse.types import MODEL_TYPES
from services.agent.prompt.blocks import NO_BLOCK, Block, Rows, Told, known_rows
from services.agent.prompt.describe import one_line, value_text
from services.agent.prompt.layers import Layer, PromptText, Situation, TableRows
from services.agent.prompt.marks import without_marks
from services.agent.prompt.player import form1
from services.agent.prompt.row_lines import quoted
from services.agent.prompt.talk import fitting, joined, shortened
from services.agent.prompt.turns import JUST_HAPPENED, Turn, as_text
from services.agent.prompt.window import prompt_bytes, size

TYPES: dict[TypeName, str] = {
    **form1.TYPES,
    "date": "day",
    "moment": "day and time",
    "when": "day or day and time",
    "repeat": "repeat",
    "duration": "duration",
    "money": "money",
    "tags": "tags",
    "web": "web address",
    "mail": "mail address",
    "markdown": "long text",
    "link": "row",
}
"""Every type that is no plain text, by what it is called."""
REMARK = form1.REMARK
MANY = "Many rows at once: where, in place of id."


def compose(situation: Situation) -> PromptText:
    """Return what the model is told."""
    voice = form1.VOICES.get(situation.voice, form1.USUAL_VOICE)
    layers = (
        Layer("Who you are", form1.WHO.format(voice=voice)),
        Layer(f"The open app: {situation.app}", declaration(situation)),
    )
    system = "\n".join(layer.text for layer in layers)
    whole = prompt_bytes(situation.window, situation.bytes_per_token)
    kept = situation.kept[-(whole // CONTINUED_TEXT_DIVISOR) :]
    turns, cut = fitting(
        shortened(as_text(situation.turns), prompt_bytes(situation.window)),
        situation.cut,
        lambda before: _last_block(situation, before),
        room=whole - size(system + kept),
        room_after_cut=whole // KEPT_AT_CUT_DIVISOR,
    )
    spoken = [replace(one, text=said(one, turns, situation.tables), block=NO_BLOCK, heading="") for one in turns]
    messages: list[Values] = [
        {"role": "system", "content": system},
        *(one.as_message() for one in joined(tuple(spoken))),
    ]
    if kept:
        messages.append({"role": "assistant", "content": kept})
    messages = [message | {"content": without_marks(message["content"])} for message in messages]
    return PromptText(layers, messages, turns[-1].block if turns else NO_BLOCK, cut)


# --- the app ---


def declaration(situation: Situation) -> str:
    """Return the lines about the open app: its tables with their fields, and which other apps there are."""
    tables = form1.own_tables(situation.tables)
    row = f" One row is {tables[0].label or f'a row of {tables[0].name}'}." if tables else ""
    others = [one for one in situation.apps if one != situation.app]
    lines = [f"App: {situation.app}.{row}", *map(_table, tables), *([MANY] if tables else [])]
    return "\n".join([*lines, f"Other apps: {', '.join(others)}."] if others else lines)


def _table(table: Table) -> str:
    fields = ", ".join(map(_field, form1.title_first(table)))
    return f"Table {table.name}: {fields}.{' Can be sorted.' if table.sortable else ''}"


def _field(field: Field) -> str:
    return f"{field.called} ({type_of(field)}{', required' if field.required else ''})"


def type_of(field: Field) -> str:
    """Return what the type of a field is called: "one of low, high", "rows of person"."""
    if field.choices:
        return f"one of {', '.join(field.choices)}"
    words = TYPES.get(field.type, "text")
    return f"{words}{'s' if field.several else ''} of {field.to}" if field.kind.is_link else words


# --- rows ---


def rows_of(situation: Situation) -> list[Rows]:
    """Return the rows that are shown, table by table."""
    shown = [one for one in situation.rows if one.table in form1.own_tables(situation.tables)]
    room = min(MAX_VISIBLE_ROWS_BYTES, prompt_bytes(situation.window) // VISIBLE_ROWS_DIVISOR) // max(len(shown), 1)
    most = [MAX_VISIBLE_ROWS, *[MAX_FURTHER_ROWS] * len(shown)]
    return [_rows(one, number, room, situation.reader) for one, number in zip(shown, most, strict=False)]


def _rows(found: TableRows, most: int, room: int, reader: Reader) -> Rows:
    lines: list[tuple[int | str, str]] = []
    for row in found.rows[:most]:
        line = row_line(row, found.table, reader)
        room -= size(line) + 1
        if room < 0:
            break
        lines.append((row["id"], line))
    hidden = len(found.rows) - len(lines)
    more = f"({hidden}{' or more' if found.more else ''} further rows are not shown)" if hidden or found.more else ""
    return Rows(found.table.name, tuple(lines), more)


def rows_told(situation: Situation) -> str:
    """Return the rows that are shown, under a heading for each table."""
    return "\n".join(_text_of(one) for one in rows_of(situation))


def row_line(row: Row, table: Table, reader: Reader = HERE) -> str:
    """Return a row as `3: "fern", room: office, every_days: 7`; what has no value is not told."""
    title, *others = form1.title_first(table)
    told = (one for one in others if row.get(one.name) not in (None, "", []))
    name = quoted(value_text(row.get(title.name, "")))
    return "".join([f"{row['id']}: {name}", *(f", {one.called}: {_value(row[one.name], one, reader)}" for one in told)])


def _value(value: object, field: Field, reader: Reader) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = one_line(value_text(MODEL_TYPES[field.type].show(value, reader)))
    return quoted(text) if '"' in text else text


def _text_of(rows: Rows) -> str:
    lines = [line for _, line in rows.lines] or ["(none)"]
    return "\n".join([f"Rows of {rows.title}:", *lines, *([rows.hidden] if rows.hidden else [])])


# --- turns ---


def _last_block(situation: Situation, before: tuple[Turn, ...]) -> Block:
    """Return what stands before the words of the last turn. `before`: the turns that stand before it."""
    if situation.block is not None:
        return situation.block
    if situation.purpose == "step":
        return NO_BLOCK  # the rows that were read stand in the turn itself
    known: Mapping[str, Rows] = known_rows(one.block for one in before)
    now = rows_of(situation)
    is_same = all(known.get(one.title) == one for one in now)
    day = next((one.block.day for one in reversed(before) if one.block.day), "")
    mine = [one_line(event) for event in situation.events if event.startswith("The user ")]
    events = [form1.plain(one, situation.tables) for one in mine[-form1.MAX_EVENTS :]]
    return Block(
        tables=() if is_same else tuple(Told(one) for one in now),
        events=tuple(events) if situation.purpose == "chat" else (),
        day=situation.day if situation.day != day else "",
    )


def said(turn: Turn, turns: tuple[Turn, ...], tables: tuple[Table, ...]) -> str:
    """Return the words of a turn with what stands before them. After a read the question is asked again."""
    if turn.role != "user":
        return turn.text
    question = next((one for one in turns if one.root == turn.root and one.heading), turn)
    if not turn.heading and question is not turn:
        return f"{form1.rows_read(turn.text)}\n\n{question.heading}: {question.text}"
    words = f"{turn.heading}: {turn.text}" if turn.heading else turn.text
    if turn.heading == JUST_HAPPENED:
        words = f"{turn.heading}: {form1.plain(turn.text, tables)}"
    return "\n\n".join(part for part in (head_of(turn.block), words) if part)


def head_of(block: Block) -> str:
    """Return what stands before the words: rows, the day, and what the user did; "" for nothing."""
    parts = [_text_of(one.rows) for one in block.tables]
    parts += [f"Today: {block.day}."] if block.day else []
    parts += [f"Lately: {'; '.join(block.events)}."] if block.events else []
    return "\n".join(parts)
