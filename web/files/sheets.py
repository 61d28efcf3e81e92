"""Read a CSV or JSON file as a sheet: its records one by one, each with the number of its line.

Memory does not grow with the file: at most one record is kept. An error after which the file cannot be read further (an
encoding, an open quote) raises a `BadSheet` that names the line. Errors of a single line are found later, when its
values are read (`lines.py`).
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from bus.errors import PianolaError
from web.state.words import count

LONGEST_LINE_BYTES = 1024 * 1024
"""Longer than the longest text of a row, in any language."""
MOST_COLUMNS = 1_000
DELIMITERS = (",", ";", "\t")
NAMED_DELIMITER = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)
"""The first line with which spreadsheets tell each other the delimiter."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
LONE_RETURN = re.compile(r"(?<=\r)(?!\n)")
"""Line ends of old Macs."""

csv.field_size_limit(LONGEST_LINE_BYTES)


class BadSheet(PianolaError):
    """A file cannot be read as a sheet. Says which line, and what was expected."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a sheet. `line`: where it begins, from 1."""

    line: int
    values: dict[str, Any]
    problem: str = ""
    """What is wrong with the whole line; "" for nothing."""
    part: bool = False
    """It becomes a row under the last one before it that is no part."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The content of a file. `records` can be read only once."""

    columns: tuple[str, ...]
    """Names in the header of a CSV file, "" for a column without one; empty for JSON, where each object has its own."""
    records: Iterator[Record]
    typed: bool
    """Whether values have types (JSON), or all are texts (CSV)."""


# --- the text of a file ---


def text_lines(path: Path) -> Iterator[str]:
    """Return the lines of a file as text."""
    with path.open("rb") as file:
        start = file.read(len(BYTE_ORDER_MARK))
        if start.startswith(UTF_16_MARKS):
            file.seek(0)
            yield from utf_16_lines(file)
            return
        if start != BYTE_ORDER_MARK:
            file.seek(0)
        for number, line in enumerate(limited_lines(file), start=1):
            text = decoded(number, line)
            yield from filter(None, LONE_RETURN.split(text)) if "\r" in text.removesuffix("\r\n") else (text,)


def utf_16_lines(file: BinaryIO) -> Iterator[str]:
    """Return the lines of a file in UTF-16, as spreadsheets write “Unicode text”."""
    number = 1
    try:
        with TextIOWrapper(file, encoding="utf-16", newline="") as text:
            while line := text.readline(LONGEST_LINE_BYTES + 1):
                if len(line) > LONGEST_LINE_BYTES:
                    raise too_long(number)
                yield line
                number += 1
    except UnicodeError:
        raise BadSheet(f"Line {number} is not UTF-16, as the file begins. Save it as UTF-8, then try again.") from None


def limited_lines(file: BinaryIO) -> Iterator[bytes]:
    """Return the lines of a file; raises `BadSheet` for a line that is too long, without reading it to its end."""
    number = 1
    while line := file.readline(LONGEST_LINE_BYTES + 1):
        if len(line) > LONGEST_LINE_BYTES:
            raise too_long(number)
        yield line
        number += 1


def too_long(number: int) -> BadSheet:
    """Return the refusal of a line."""
    return BadSheet(
        f"Line {number} has more than {LONGEST_LINE_BYTES:,} bytes, which no row has. "
        "Check whether line ends are missing, or a quote is not closed."
    )


def decoded(number: int, line: bytes) -> str:
    """Return a line as text; raises `BadSheet` if it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise BadSheet(
            f"Line {number} is not UTF-8 (its byte {error.start + 1} is 0x{line[error.start]:02x}). "
            "Save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”), then try again."
        ) from None


# --- CSV ---


def open_csv(path: Path, known: Sequence[str], skip: int = 0) -> Sheet:
    """Return the sheet in a CSV file, whose first line names the columns.

    `known`: names of columns, by which the delimiter is found unless the file says it. `skip`: lines before the first.
    """
    lines: Iterator[str] = islice(text_lines(path), skip, None)
    before, first = next((found for found in enumerate(lines) if found[1].strip()), (0, ""))
    if named := NAMED_DELIMITER.fullmatch(first):
        delimiter, before = named[1], before + 1
    else:
        delimiter, lines = delimiter_of(first, known), chain((first,), lines)
    before += skip
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    records = read_records(reader, before)
    head = next((cells for _, cells in records if any(map(str.strip, cells))), [])
    if len(head) > MOST_COLUMNS:
        raise BadSheet(f"The first line names {len(head):,} columns. Expected at most {MOST_COLUMNS:,}.")
    columns = tuple(name.strip() for name in head)
    return Sheet(columns, (record_of(line, columns, cells) for line, cells in records if cells), typed=False)


def delimiter_of(head: str, known: Sequence[str]) -> str:
    """Return the delimiter with which the first line names the most known columns."""
    names = set(known)

    def recognised(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"').strip().casefold() for cell in head.split(delimiter)]
        return len(names.intersection(cells)), len(cells)

    return max(DELIMITERS, key=recognised)


def read_records(reader: Any, before: int) -> Iterator[tuple[int, list[str]]]:
    """Return the records of a CSV reader, each with the line where it begins: a quoted cell may span several lines.

    `before`: how many lines of the file the reader does not get.
    """
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadSheet(
                f"Line {line} cannot be read as CSV ({error}). Look for a quote that is not closed or stands alone."
            ) from None
        yield line, cells


def record_of(line: int, columns: tuple[str, ...], cells: list[str]) -> Record:
    """Return the cells of a line as a record. Spreadsheets leave out empty cells at the end, or add some."""
    missing = len(columns) - len(cells)
    if missing < 0 and any(map(str.strip, cells[missing:])):
        problem = f"The line has {count(len(cells), 'cell')}. Expected at most {len(columns)}, as in the header."
        return Record(line, {}, problem)
    return Record(line, dict(zip(columns, cells + [""] * missing, strict=False)))
