"""Open a file as a sheet, whatever its kind; refuse one with too many rows before any row is checked."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from web.files.json_sheets import read_json
from web.files.lines import LineReader
from web.files.sheets import BYTE_ORDER_MARK, UTF_16_MARKS, BadSheet, Sheet, open_csv
from web.files.tasks.own import grouped
from web.files.tasks.recognise import recognised, takes_tasks

MOST_ROWS = 200_000


def open_sheet(path: Path, known: Sequence[str]) -> Sheet:
    """Return the sheet in a file; raises `BadSheet`. `known`: names of columns, by which the delimiter is found."""
    encoding, start = beginning(path)
    if start[:1] in ("[", "{"):
        return Sheet((), read_json(path, encoding), typed=True)
    return open_csv(path, known)


def open_rows(path: Path, reader: LineReader, *, in_order: bool = True) -> tuple[Sheet, str]:
    """Return the sheet in a file for a table, and which program it comes from, "" for none that is known.

    `in_order`: parts follow their row, which needs all records in memory.
    """
    table = reader.table
    _, start = beginning(path)
    if takes_tasks(table) and (found := recognised(path, start)):
        return found.sheet(table), found.program
    sheet = open_sheet(path, reader.columns)
    return grouped(sheet, table, reader.field_of) if in_order else sheet, ""


def beginning(path: Path) -> tuple[str, str]:
    """Return the encoding of a file, and its first characters that are not blank; raises `BadSheet` without any."""
    with path.open("rb") as file:
        start = file.read(4096)
    encoding = "utf-16" if start.startswith(UTF_16_MARKS) else "utf-8-sig"
    text = start.removeprefix(BYTE_ORDER_MARK).decode(encoding, errors="replace").lstrip()
    if not text:
        raise BadSheet("The file is empty. Expected a CSV file whose first line names the columns, or JSON.")
    return encoding, text


def refuse_too_many(sheet: Sheet) -> None:
    """Raise `BadSheet` if a sheet has too many rows. Much faster than to check them."""
    if next(islice(sheet.records, MOST_ROWS, None), None):
        raise BadSheet(f"The file has more than {MOST_ROWS:,} rows. Split it, and import the parts one by one.")
