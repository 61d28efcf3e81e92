"""A link graph while it grows: files that are only appended to, so that memory stays flat.

Each line is a JSON array. A checkpoint is the sizes of the files: what was written after it is cut off before a later
run goes on, so that it has each page once.

- `urls`: `[URL, depth, parent, listed]`; the number of the line is the id of the URL. Depth -1: no click leads there.
  `listed`: 1 for a URL that a sitemap names.
- `queue`: `[id]`, in the order in which pages are asked for.
- `pages`: `[id, status, problem, bytes, milliseconds, title, redirects to]`; status 0: no answer,
  `NOT_ASKED`: robots.txt forbids it; the last is an id or -1.
- `edges`: `[from, to, kind]`, ids and one of `LINK`, `NOFOLLOW`, `REDIRECT`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

NAMES = ("urls", "queue", "pages", "edges")
LINK, NOFOLLOW, REDIRECT = 0, 1, 2
NOT_ASKED = -1
MOST_EDGES = 500_000
"""Most links of one graph."""
MOST_URLS = 200_000
"""Most pages of one graph, those included that are only linked to."""

Offsets = Mapping[str, int]


class GraphFiles:
    """The files of one graph, opened for writing."""

    def __init__(self, folder: Path, offsets: Offsets) -> None:
        """Cut the files to the sizes of the last checkpoint; {}: begin with empty ones."""
        self.folder = folder
        self._files = {name: opened(file_of(folder, name), offsets.get(name, 0)) for name in NAMES}

    def add(self, name: str, *values: Any) -> None:
        """Append a line to a file."""
        self._files[name].write(f"{json.dumps(values, ensure_ascii=False, separators=(',', ':'))}\n".encode())

    def sync(self) -> dict[str, int]:
        """Write all to the disk; return the sizes, for a checkpoint."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        return {name: file.tell() for name, file in self._files.items()}

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


def file_of(folder: Path, name: str) -> Path:
    """Return the path of a file of a graph."""
    return folder / f"{name}.jsonl"


def opened(path: Path, size: int) -> Any:
    """Open a file for writing behind its first `size` bytes; what follows them is cut off."""
    file = path.open("r+b" if path.exists() else "w+b")
    file.truncate(size)
    file.seek(size)
    return file


def lines(folder: Path, name: str) -> Iterator[list[Any]]:
    """Yield the lines of a file."""
    with file_of(folder, name).open("rb") as file:
        for line in file:
            yield json.loads(line)
