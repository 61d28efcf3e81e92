"""Read a CSV or JSON file as a sheet: its records one by one, each with the number of its line.

Memory does not grow with a CSV file. An error after which the file cannot be read further (an encoding, an open quote)
raises a `BadSheet` that names the line. Errors of a single line are found later, when its values are read (`lines.py`).
"""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bus.errors import PianolaError
from web.state.words import count

LONGEST_LINE_BYTES = 1024 * 1024
"""Longer than the longest text of a row, in any language."""
DELIMITERS = (",", ";", "\t")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OTHER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
BLANK = re.compile(r"[ \t\r\n]*")

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


@dataclass(frozen=True, slots=True)
class Sheet:
    """The content of a file. `records` can be read only once."""

    columns: tuple[str, ...]
    """Names in the header of a CSV file; empty for JSON, where each object has its own names."""
    records: Iterator[Record]
    typed: bool
    """Whether values have types (JSON), or all are texts (CSV)."""


def open_sheet(path: Path, known: Sequence[str]) -> Sheet:
    """Return the sheet in a file; raises `BadSheet`. `known`: names of columns, by which the delimiter is found."""
    start = first_bytes(path)
    if start[:1] in (b"[", b"{"):
        return Sheet((), read_json(path), typed=True)
    return open_csv(path, known)


def first_bytes(path: Path) -> bytes:
    """Return the first bytes that are not blank; raises `BadSheet` for an empty file."""
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, name in OTHER_MARKS.items():
        if start.startswith(mark):
            raise BadSheet(f"Line 1 is written in {name}. Expected UTF-8: save it as “CSV UTF-8”, then try again.")
    text = start.removeprefix(BYTE_ORDER_MARK).lstrip()
    if not text:
        raise BadSheet("The file is empty. Expected a CSV file whose first line names the columns, or JSON.")
    return text


# --- CSV ---


def open_csv(path: Path, known: Sequence[str]) -> Sheet:
    """Return the sheet in a CSV file, whose first line names the columns."""
    delimiter = delimiter_of(path, known)
    reader = csv.reader(text_lines(path), delimiter=delimiter, strict=True)
    records = read_records(reader)
    head = next((cells for _, cells in records if any(map(str.strip, cells))), [])
    columns = tuple(name.strip() for name in head)
    return Sheet(columns, (record_of(line, columns, cells) for line, cells in records if cells), typed=False)


def text_lines(path: Path) -> Iterator[str]:
    """Return the lines of a file as text."""
    with path.open("rb") as file:
        if file.read(3) != BYTE_ORDER_MARK:
            file.seek(0)
        yield from (decoded(number, line) for number, line in enumerate(limited_lines(file), start=1))


def limited_lines(file: BinaryIO) -> Iterator[bytes]:
    """Return the lines of a file; raises `BadSheet` for a line that is too long, without reading it to its end."""
    number = 1
    while line := file.readline(LONGEST_LINE_BYTES + 1):
        if len(line) > LONGEST_LINE_BYTES:
            raise BadSheet(
                f"Line {number} has more than {LONGEST_LINE_BYTES:,} bytes, which no row has. "
                "Check whether line ends are missing, or a quote is not closed."
            )
        yield line
        number += 1


def decoded(number: int, line: bytes) -> str:
    """Return a line as text; raises `BadSheet` if it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise BadSheet(
            f"Line {number} is not UTF-8 (its byte {error.start + 1} is 0x{line[error.start]:02x}). "
            "Save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”), then try again."
        ) from None


def delimiter_of(path: Path, known: Sequence[str]) -> str:
    """Return the delimiter with which the first line names the most known columns."""
    head = next((line for line in text_lines(path) if line.strip()), "")
    names = set(known)

    def recognised(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"').strip().lower() for cell in head.split(delimiter)]
        return len(names.intersection(cells)), len(cells)

    return max(DELIMITERS, key=recognised)


def read_records(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Return the records of a CSV reader, each with the line where it begins: a quoted cell may span several lines."""
    while True:
        line = reader.line_num + 1
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
    """Return the cells of a line as a record."""
    if len(cells) != len(columns):
        problem = f"The line has {count(len(cells), 'cell')}. Expected {len(columns)}, as in the header."
        return Record(line, {}, problem)
    return Record(line, dict(zip(columns, cells, strict=True)))


# --- JSON ---


def read_json(path: Path) -> Iterator[Record]:
    """Return the objects of a JSON array, decoded one by one. The text of the whole file is in memory."""
    text = "".join(text_lines(path))
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    place, line = BLANK.match(text).end(), 1  # type: ignore[union-attr]  # it matches everywhere
    if text[place] != "[":
        raise BadSheet("The JSON is one object. Expected an array of objects, one for each row: [{…}, {…}].")
    place = skip(text, place + 1)
    line += text.count("\n", 0, place)
    while text[place : place + 1] != "]":
        value, end = decode_one(decoder, text, place, line)
        yield json_record(line, value)
        following = skip_comma(text, end, line)
        line += text.count("\n", place, following)
        place = following


def skip(text: str, place: int) -> int:
    """Return the place of the next character that is not blank."""
    found = BLANK.match(text, place)
    return found.end() if found else place


def decode_one(decoder: json.JSONDecoder, text: str, place: int, line: int) -> tuple[Any, int]:
    """Return the JSON value at a place, and where it ends."""
    try:
        return decoder.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise BadSheet(f"Line {error.lineno} is not JSON ({error.msg}). Correct it, then try again.") from None
    except (ValueError, RecursionError) as error:
        raise BadSheet(f"The value that begins in line {line} is not JSON that can be read ({error}).") from None


def skip_comma(text: str, end: int, line: int) -> int:
    """Return the place of the next value or of the closing bracket."""
    place = skip(text, end)
    if text[place : place + 1] == ",":
        return skip(text, place + 1)
    if text[place : place + 1] == "]":
        return place
    raise BadSheet(f"The array breaks off after the value that begins in line {line}. Expected a comma or ].")


def json_record(line: int, value: Any) -> Record:
    """Return an element of the array as a record."""
    if type(value) is not dict:
        return Record(line, {}, f"The element is {json.dumps(value, ensure_ascii=False)[:60]}. Expected an object.")
    return Record(line, value)


def refuse_constant(name: str) -> None:
    """Refuse NaN and infinity, which are not JSON."""
    raise ValueError(f"{name} is not a JSON number")
