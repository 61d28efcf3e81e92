"""Write rows for a terminal or another program: as JSON, as CSV, or as a table with aligned columns."""

import csv
import json
import os
import shutil
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TextIO

from bus.message_line import safe

Row = Mapping[str, Any]
Format = Literal["table", "csv", "json"]

BOLD, FAINT, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
GAP = "  "
LEAST_WIDTH = 8
"""A column is not made narrower than this to fit into the terminal."""
LONGEST_CELL = 200
"""Characters of a cell in a table."""
NUMBERS = (int, float)


class Writer(Protocol):
    """Takes rows page by page, so that the first ones are printed while others are still read."""

    def add(self, rows: Sequence[Row]) -> None:
        """Take further rows."""

    def end(self) -> None:
        """Write what is left, when there are no more."""


def writer_of(kind: Format, columns: Sequence[str], stream: TextIO, **how: Any) -> Writer:
    """Return the writer of a format. `how`: for a table, what `TableWriter` takes beside."""
    if kind == "json":
        return JsonWriter(columns, stream)
    return CsvWriter(columns, stream) if kind == "csv" else TableWriter(columns, stream, **how)


class JsonWriter:
    """One array with an object in each line."""

    def __init__(self, columns: Sequence[str], stream: TextIO) -> None:
        """`columns`: the names of the values, in their order."""
        self._columns = columns
        self._stream = stream
        self._before = "[\n"

    def add(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        for row in rows:
            values = {name: row.get(name) for name in self._columns}
            self._stream.write(f"{self._before}{json.dumps(values, ensure_ascii=False, default=str)}")
            self._before = ",\n"

    def end(self) -> None:
        """Close the array."""
        self._stream.write("[]\n" if self._before == "[\n" else "\n]\n")


class CsvWriter:
    """A line with the names, then one for each row (RFC 4180). None is empty; lists and maps are JSON."""

    def __init__(self, columns: Sequence[str], stream: TextIO) -> None:
        """`columns`: the names of the values, in their order."""
        self._columns = columns
        self._lines = csv.writer(stream, lineterminator="\n")
        self._lines.writerow(columns)

    def add(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        self._lines.writerows([as_cell(row.get(name)) for name in self._columns] for row in rows)

    def end(self) -> None:
        """Do nothing: all is written."""


class TableWriter:
    """Aligned columns, as wide as what stands in them, and together no wider than the terminal."""

    def __init__(
        self,
        columns: Sequence[str],
        stream: TextIO,
        *,
        shown: Callable[[Row, str], str] | None = None,
        headings: Mapping[str, str] | None = None,
        optional: Sequence[str] = (),
    ) -> None:
        """`shown`: returns a value for people. `headings`: of columns. `optional`: left out if they are empty."""
        self._columns = columns
        self._stream = stream
        self._shown = shown or (lambda row, name: as_cell(row.get(name)))
        self._headings = headings or {}
        self._optional = optional
        self._numbers = set(columns)
        self._cells: list[list[str]] = []

    def add(self, rows: Sequence[Row]) -> None:
        """Keep rows: the widths are known only when all are there."""
        for row in rows:
            self._cells.append([safe(self._shown(row, name), LONGEST_CELL) for name in self._columns])
            self._numbers -= {name for name in self._numbers if not _is_number(row.get(name))}

    def end(self) -> None:
        """Write the table."""
        kept = [at for at, name in enumerate(self._columns) if name not in self._optional or self._any_at(at)]
        lines = [[self._headings.get(self._columns[at], self._columns[at]) for at in kept]]
        lines += [[cells[at] for at in kept] for cells in self._cells]
        widths = _fitted([max(width(line[at]) for line in lines) for at in range(len(kept))], self._most())
        rights = [bool(self._cells) and self._columns[at] in self._numbers for at in kept]
        head, *rest = (
            GAP.join(aligned(cell, wide, right=right) for cell, wide, right in zip(line, widths, rights, strict=True))
            for line in lines
        )
        bold, faint, plain = (BOLD, FAINT, PLAIN) if in_colours(self._stream) else ("", "", "")
        self._stream.write(f"{bold}{head.rstrip()}{plain}\n")
        first = widths[0] if widths else 0
        for line in map(str.rstrip, rest):
            self._stream.write(f"{faint}{line[:first]}{plain}{line[first:]}\n")

    def _any_at(self, at: int) -> bool:
        return any(cells[at] for cells in self._cells)

    def _most(self) -> int:
        return shutil.get_terminal_size().columns if self._stream.isatty() else 0


def in_colours(stream: TextIO) -> bool:
    """Return whether a stream is a terminal, and nobody asked for no colours (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def as_cell(value: Any) -> str:
    """Return a value as a text: none is empty, a boolean as in JSON, a list or map as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.hex() if isinstance(value, bytes) else str(value)


def width(text: str) -> int:
    """Return how many cells of a terminal a text takes: wide characters take two, accents none."""
    return sum(_cells_of(one) for one in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def aligned(text: str, wide: int, *, right: bool = False) -> str:
    """Return a text with this width: cut, with `…` at its end, or filled with blanks."""
    while width(text) > wide:
        text = f"{text.removesuffix('…')[:-1]}…"
    blanks = " " * (wide - width(text))
    return blanks + text if right else text + blanks


def _fitted(widths: list[int], most: int) -> list[int]:
    """Return the widths, with the widest ones made narrower until they fit. `most`: of a line; 0: any."""
    fitted = list(widths)
    over = sum(fitted) + len(GAP) * (len(fitted) - 1) - most if most else 0
    while over > 0 and max(fitted) > LEAST_WIDTH:
        fitted[fitted.index(max(fitted))] -= 1
        over -= 1
    return fitted


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, NUMBERS) and not isinstance(value, bool))
