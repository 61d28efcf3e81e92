"""Several rows of a table: tick, delete, move, and add from lines of text."""

import json
import re
from datetime import datetime
from typing import Any

from apps.due.entry import read_entry
from apps.tables import Row, Table
from bus.limits import MAX_BATCH_ORDERS
from web.commands.command import BadCommand, Command
from web.commands.rows import table_of
from web.html.parts.dialogs import draw_dialog
from web.html.rows.lines_dialog import lines_dialog
from web.live.outbox import Frame
from web.state.page_view import profile_in
from web.state.window import Key

MARK = re.compile(r"(?:[-*•–+]|\[[ xX]?\])\s+")
"""Of a list, at the beginning of a line."""
NUMBER = re.compile(r"\d{1,4}[.)]\s+")
"""Of a list with numbers."""


async def tick(command: Command) -> None:
    """Tick all rows, or untick them if all are ticked."""
    table, field = table_of(command), command.text("field")
    keys = keys_of(command, table)
    found = await command.hub.reader.read(table.name, MAX_BATCH_ORDERS, {"id": keys})
    if field not in {one.name for one in table.fields if one.kind.is_switch}:
        raise BadCommand(f"`field` is {field!r:.60}. Expected a field of {table.name} that is yes or no.")
    value = not all(row[field] for row in found.rows)
    await together(
        command, table, [{"verb": "update", "id": row["id"], "values": {field: value}} for row in found.rows]
    )


async def delete(command: Command) -> None:
    """Delete the rows; those that are gone already stay so."""
    table = table_of(command)
    await command.order(verb="delete", table=table.name, where={"id": keys_of(command, table)})


async def move(command: Command) -> None:
    """Put the rows, in the order given, after the row `after`; 0: first."""
    table = table_of(command)
    place, orders = command.number("after"), []
    for key in keys_of(command, table):
        orders.append({"verb": "sort", "id": key, "values": {"after": place}})
        place = int(key)
    await together(command, table, orders)


async def ask_insert(command: Command) -> None:
    """Ask whether the lines of a text that was pasted become as many rows."""
    command.tab.push(Frame(draw_dialog(lines_dialog(table_of(command), lines_of(command)))))


def lines_of(command: Command) -> list[str]:
    """Return the lines of the text that are not empty, without the marks of a list."""
    lines = without_marks([line.strip() for line in command.text("lines").splitlines() if line.strip()])
    if not 0 < len(lines) <= MAX_BATCH_ORDERS:
        raise BadCommand(
            f"The text has {len(lines):,} lines. At most {MAX_BATCH_ORDERS:,} are added at once: import it."
        )
    return lines


def without_marks(lines: list[str]) -> list[str]:
    """Return lines without what begins items of a list: marks, boxes, and numbers if all lines have one."""
    mark = NUMBER if all(map(NUMBER.match, lines)) else MARK
    found = [(mark.match(line), line) for line in lines]
    bare = [line[begin.end() :] if begin else line for begin, line in found]
    return bare if bare == lines else without_marks(bare)


async def insert(command: Command) -> None:
    """Add a row for each line of a text."""
    table, lines = table_of(command), lines_of(command)
    profile = profile_in(command.hub.shared.settings)
    beside: Row = {"profile": profile} if table.scoped else {}
    rows = [{**row_of_line(command, table, line), **beside} for line in lines]
    await together(command, table, [{"verb": "insert", "values": values} for values in rows])


def row_of_line(command: Command, table: Table, line: str) -> Row:
    """Return the values of a row that one line of a text means."""
    title = table.title_field.name
    if not table.quick_entry:
        return {title: line}
    reader = command.tab.reader
    entry = read_entry(table, line, datetime.now(reader.zone), reader.locale)
    return {title: entry.title, **entry.values}


async def together(command: Command, table: Table, orders: list[dict[str, Any]]) -> None:
    """Carry out orders for a table, all or none."""
    if not orders:
        raise BadCommand("None of these rows is there any more.")
    batch = [{"table": table.name, **order} for order in orders]
    await command.order(verb="batch", table=table.name, values={"orders": batch})


def keys_of(command: Command, table: Table) -> list[Key]:
    """Return the ids of the rows; the page sends them as a JSON list of texts."""
    try:
        sent = json.loads(command.text("ids"))
    except (ValueError, RecursionError):
        sent = None
    if type(sent) is not list or not 0 < len(sent) <= MAX_BATCH_ORDERS or not all(type(one) is str for one in sent):
        raise BadCommand(f"`ids` is {command.values.get('ids')!r:.60}. Expected 1 to {MAX_BATCH_ORDERS:,} ids.")
    if table.keyed:
        return sent
    if not all(one.isascii() and one.isdecimal() for one in sent):
        raise BadCommand(f"`ids` is {command.text('ids')!r:.60}. Expected whole numbers.")
    return [int(one) for one in sent]
