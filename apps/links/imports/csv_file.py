"""Import links from a CSV file with a source and a target in each line."""

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from apps.links.crawl.addresses import normal
from apps.links.graph.files import LINK, MOST_EDGES, MOST_URLS, NOFOLLOW, REDIRECT, GraphFiles
from apps.work.progress import JobFailed, Progress

SOURCES = ("source", "source url", "from", "from url", "origin", "src", "page", "referrer", "linking page", "url")
TARGETS = ("target", "target url", "to", "to url", "destination", "destination url", "dst", "link", "href")
"""Names of columns, in small letters, with blanks. Botify's ends in `outlinks internal graph url`."""
BOTIFY_TARGET = "outlinks internal graph url"
KINDS = {"link": LINK, "nofollow": NOFOLLOW, "redirect": REDIRECT}
DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 10_000
TOLD_EVERY = 20_000
"""Lines between two reports of progress."""

TOO_SHORT, NO_ADDRESS, ITSELF, AGAIN = "short", "address", "itself", "again"
REASONS = {
    NO_ADDRESS: "without two addresses of http or https",
    TOO_SHORT: "with too few cells",
    ITSELF: "from a page to itself",
    AGAIN: "with a link that stands further above",
}
"""Why lines are left out, behind their number."""

csv.field_size_limit(LONGEST_CELL)


class TooMany(JobFailed):
    """The file has more links or pages than one graph may have."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was read of a file."""

    lines: int
    """Below its head."""
    left_out: Mapping[str, int]
    """How many of them, by the reason."""

    @property
    def note(self) -> str:
        """Which lines were left out, and why, as a sentence; "" if none was."""
        why = ", ".join(f"{self.left_out[one]:,} {words}" for one, words in REASONS.items() if self.left_out.get(one))
        return f"Left out of {self.lines:,} lines: {why}." if why else ""


def import_csv_file(progress: Progress, path: Path, name: str) -> Counted:
    """Write the links of a file into the job's graph files; return how many lines were read, and left out.

    Raises `JobFailed`, before anything else is changed.
    """
    files = GraphFiles(progress.folder, {})
    try:
        counted = Links(progress, files, name).read(path)
        files.sync()
    finally:
        files.close()
    return counted


class Links:
    """Reads links, and gives each URL an id."""

    def __init__(self, progress: Progress, files: GraphFiles, name: str) -> None:
        self._progress = progress
        self._files = files
        self._name = name
        self._ids: dict[str, int] = {}
        self._edges: set[int] = set()
        self._left_out: Counter[str] = Counter()

    def read(self, path: Path) -> Counted:
        """Read a file to its end. Raises `JobFailed`."""
        try:
            with text_of(path) as text:
                counted = Counted(self._read(text), self._left_out)
        except UnicodeError:
            raise self._bad("is not UTF-8. Save it as “CSV UTF-8”, then choose it again") from None
        except (csv.Error, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise self._bad(f"cannot be read as CSV ({error})") from None
        if not self._edges:
            raise self._bad(f"has no link between two addresses of http or https. {counted.note}".rstrip(". "))
        return counted

    def _read(self, text: IO[str]) -> int:
        """Read all lines; return how many there are below the head."""
        head = next((line for line in text if line.strip() and not line.startswith("sep=")), "")
        if not head:
            raise self._bad("is empty")
        delimiter = max(DELIMITERS, key=head.count)
        columns = [plain_name(cell) for cell in next(csv.reader([head], delimiter=delimiter), [])]
        source, target = column_of(columns, SOURCES), column_of(columns, TARGETS)
        if source is None or target is None or source == target:
            shown = ", ".join(columns)[:200] or "nothing"
            raise self._bad(
                f"has the columns {shown}. Expected one named source (or from) and one named target (or to)"
            )
        kind = columns.index("kind") if "kind" in columns else None
        number = 0
        lines = (cells for cells in csv.reader(text, delimiter=delimiter) if cells)
        for number, cells in enumerate(lines, 1):
            if len(cells) > max(source, target):
                self._add(cells[source], cells[target], cells[kind] if kind is not None and len(cells) > kind else "")
            else:
                self._left_out[TOO_SHORT] += 1
            if not number % TOLD_EVERY:
                self._progress.at(number, 0, f"{number:,} lines read")
        return number

    def _add(self, source: str, target: str, kind: str) -> None:
        one = self._spelled(source)
        other = self._spelled(target, one)
        if not one or not other or one == other:
            self._left_out[ITSELF if one and other else NO_ADDRESS] += 1
            return
        first, second = self._id(one), self._id(other)
        edge = first * MOST_URLS + second
        if edge in self._edges:
            self._left_out[AGAIN] += 1
            return
        if len(self._edges) >= MOST_EDGES:
            raise self._too_many(MOST_EDGES, "different links")
        self._edges.add(edge)
        self._files.add("edges", first, second, KINDS.get(kind, LINK))

    def _spelled(self, url: str, base: str = "") -> str:
        """Return a URL in our spelling; one that is known in it is not taken apart again, which would take long."""
        return url if url in self._ids else normal(url, base)

    def _id(self, url: str) -> int:
        key = self._ids.get(url)
        if key is None:
            key = self._ids[url] = len(self._ids)
            if key >= MOST_URLS:
                raise self._too_many(MOST_URLS, "pages")
            self._files.add("urls", url, -1, -1, 0)
        return key

    def _too_many(self, most: int, what: str) -> TooMany:
        problem = f"has more than {most:,} {what}, which is the most of one graph. {SPLIT}"
        return TooMany(str(self._bad(problem)))

    def _bad(self, problem: str) -> JobFailed:
        return JobFailed(f"The file “{self._name:.100}” {problem}. Nothing was imported.")


SPLIT = "Export a part of the site, or fewer clicks from its start"


def text_of(path: Path) -> IO[str]:
    """Open a file as text: packed with gzip or not, UTF-8 or as spreadsheets write Unicode."""
    opened: Any = gzip.open(path) if is_packed(path) else path.open("rb")  # noqa: SIM115 (closed with the text)
    start = opened.read(2)
    opened.seek(0)
    encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return TextIOWrapper(opened, encoding=encoding, newline="")


def is_packed(path: Path) -> bool:
    """Return whether a file is packed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def plain_name(cell: str) -> str:
    """Return the name of a column in small letters, its words with blanks between them."""
    return " ".join(re.findall(r"[a-z0-9]+", cell.lower()))


def column_of(columns: list[str], names: tuple[str, ...]) -> int | None:
    """Return the place of the first column that has one of the names, tried in their order."""
    places: Iterator[int] = (columns.index(name) for name in names if name in columns)
    botify = (place for place, name in enumerate(columns) if names is TARGETS and name.endswith(BOTIFY_TARGET))
    return next(places, next(botify, None))
