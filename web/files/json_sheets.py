"""Read a JSON array as a sheet, object by object: no more than one object and a block of the file is in memory."""

import json
import math
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.types.json_value import DEEPEST_JSON, depth
from web.files.sheets import LONGEST_LINE_BYTES, MOST_COLUMNS, BadSheet, Record, text_lines

BLOCK_CHARACTERS = 64 * 1024
LONGEST_OBJECT = LONGEST_LINE_BYTES
"""Characters of one element of the array."""
MOST_OTHERS = 1_000
"""Elements that are no objects; with more of them the file is no table."""
MOST_DIGITS = 4_000
"""Python reads no whole number that is much longer. It becomes infinity, which its field refuses with its line."""
LONGEST_TOKEN = 12
"""Characters of the longest literal or escape that may be cut off at the end of a block."""
BLANK = re.compile(r"[ \t\r\n]*")
SEPARATOR = re.compile(r"[ \t\r\n]*([,\]])[ \t\r\n]*")


class Source:
    """The text of a file, of which only a window is in memory: what was read and not used yet."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._file = path.open(encoding=encoding, newline="")
        self.text = ""
        self.place = 0
        """Index in `text` of the next character."""
        self.line = 1
        """Number of the line of this character."""
        self.at_end = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, size: int = BLOCK_CHARACTERS) -> None:
        """Add so many characters to the window, and remove what was used."""
        try:
            more = self._file.read(size)
        except UnicodeError:
            deque(text_lines(self._path), maxlen=0)  # says in which line
            raise
        self.at_end = not more
        self.text, self.place = self.text[self.place :] + more, 0

    def skip_to(self, place: int) -> None:
        """Use the text up to an index."""
        self.line += self.text.count("\n", self.place, place)
        self.place = place

    def next_character(self) -> str:
        """Return the next character that is not blank, without using it; "" at the end of the file."""
        while True:
            found = BLANK.match(self.text, self.place)
            self.skip_to(found.end() if found else self.place)
            if self.place < len(self.text) or self.at_end:
                return self.text[self.place : self.place + 1]
            self.read()

    def separator(self) -> str:
        """Use what separates two values, with blanks around it, and return it; other characters are not used."""
        found = SEPARATOR.match(self.text, self.place)
        if found and found.end() < len(self.text):
            self.skip_to(found.end())
            return found[1]
        one = self.next_character()
        if one == ",":
            self.skip_to(self.place + 1)
            self.next_character()
        return one


def read_json(path: Path, encoding: str) -> Iterator[Record]:
    """Return the objects of a JSON array, decoded one by one; raises `BadSheet`."""
    source = Source(path, encoding)
    try:
        yield from records_of(source)
    finally:
        source.close()


def records_of(source: Source) -> Iterator[Record]:
    """Return the objects of the array that begins at the next character."""
    if source.next_character() != "[":
        raise BadSheet("The JSON is one object. Expected an array of objects, one for each row: [{…}, {…}].")
    source.skip_to(source.place + 1)
    end, others = source.next_character(), 0
    while end != "]":
        line, value = source.line, decode_one(source)
        others += type(value) is not dict
        if others > MOST_OTHERS:
            raise BadSheet(f"More than {MOST_OTHERS:,} elements of the array are no objects, the last in line {line}.")
        yield json_record(line, value)
        end = source.separator()
        if end == ",":
            end = source.text[source.place : source.place + 1]
        elif end != "]":
            raise BadSheet(f"The array breaks off after the value that begins in line {line}. Expected a comma or ].")
    refuse_more(source)


def refuse_more(source: Source) -> None:
    """Raise `BadSheet` if anything follows the array: else a second array would be left out without a word."""
    source.skip_to(source.place + (source.next_character() == "]"))
    if source.next_character():
        raise BadSheet(
            f"Something follows the end of the array, in line {source.line}. Expected one array for the whole file: "
            f"join them, or import them one by one."
        )


def decode_one(source: Source) -> Any:
    """Return the JSON value at the next character, and use it; reads on until the value is whole."""
    while True:
        try:
            value, end = DECODER.raw_decode(source.text, source.place)
        except json.JSONDecodeError as error:
            if source.at_end or not breaks_off(error):
                line = source.line + source.text.count("\n", source.place, error.pos)
                raise BadSheet(f"Line {line} is not JSON ({error.msg}). Correct it, then try again.") from None
        except RecursionError:
            raise too_deep(source.line) from None
        except ValueError as error:
            sentence = f"The value that begins in line {source.line} is not JSON that can be read ({error})."
            raise BadSheet(sentence) from None
        else:
            if end < len(source.text) or source.at_end:  # else a number could go on
                break
        size = len(source.text) - source.place
        if size > LONGEST_OBJECT:
            raise too_large(source.line)
        source.read(max(size, BLOCK_CHARACTERS))
    if end - source.place > DEEPEST_JSON:
        refuse_giant(source, value, end)
    source.skip_to(end)
    return value


def refuse_giant(source: Source, value: Any, end: int) -> None:
    """Raise `BadSheet` if a value is too long or too deep."""
    if end - source.place > LONGEST_OBJECT:
        raise too_large(source.line)
    brackets = source.text.count("[", source.place, end) + source.text.count("{", source.place, end)
    if brackets > DEEPEST_JSON and depth(value) > DEEPEST_JSON:
        raise too_deep(source.line)


def breaks_off(error: json.JSONDecodeError) -> bool:
    """Return whether the text may only be cut off, so that more of it helps."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(error.doc) - LONGEST_TOKEN


def too_large(line: int) -> BadSheet:
    """Return the refusal of a value."""
    return BadSheet(
        f"The value that begins in line {line} has more than {LONGEST_OBJECT:,} characters, which no row has."
    )


def too_deep(line: int) -> BadSheet:
    """Return the refusal of lists and objects in each other."""
    return BadSheet(
        f"The value that begins in line {line} is not JSON that can be read: lists and objects lie more than "
        f"{DEEPEST_JSON} levels deep in each other."
    )


def json_record(line: int, value: Any) -> Record:
    """Return an element of the array as a record."""
    if type(value) is not dict:
        return Record(line, {}, f"The element is {json.dumps(value)[:60]}. Expected an object.")
    if len(value) > MOST_COLUMNS:
        return Record(line, {}, f"The object has {len(value):,} names. Expected at most {MOST_COLUMNS:,}.")
    return Record(line, value)


def whole_number(digits: str) -> float:
    """Return a whole number; infinity for one with too many digits."""
    return int(digits) if len(digits) <= MOST_DIGITS else math.inf


def refuse_constant(name: str) -> None:
    """Refuse NaN and infinity, which are not JSON."""
    raise ValueError(f"{name} is not a JSON number")


DECODER = json.JSONDecoder(parse_constant=refuse_constant, parse_int=whole_number)
