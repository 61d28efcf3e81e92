"""Remove texts from files beside the database: from the logs, the spool of generated texts, and snapshots.

Lines of logs are overwritten in place by blanks of the same length. So whoever writes the file at this moment is not
disturbed: writers only append, and a rotated file stays the same file. All lines lose their texts, not only those that
hold certain words: a line shows the beginning of a text, or escapes it, and no search would find all of them.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path

import msgpack

WORDLESS = (b"service.", b"bus.", b"llm.started", b"llm.progressed", b"llm.listed", b"llm.unload")
"""Kinds of messages whose lines hold no texts of the user or the model."""
BUS_LINE = re.compile(rb"(\S+ )(\S+/\S*)( +\S+)?")
"""Time, topic and sender at the beginning of a line in `bus.log`."""
JSON_BUS_LINE = re.compile(rb'\{"at": [^,]+, "kind": "([^"]*)", "key": "(?:[^"\\]|\\.)*", "sender": "(?:[^"\\]|\\.)*"')
JSON_COUNT_LINE = re.compile(rb'.*, "(missed|lost)": \d+\}')
JSON_PROCESS_LINE = re.compile(rb'\{"at": [\d.]+, "process": "[\w.-]+", "level": "\w+"')
"""The same for lines that are JSON objects: they stay objects."""
COUNT_LINE = re.compile(rb"\S+ [\d,]+ (messages missed|lines lost)")
PROCESS_LINE = re.compile(rb"\d\d:\d\d:\d\d [\w.-]+ \w+:")
"""Time, process and level at the beginning of a line that a process printed."""
BUS_LOG = "bus.log"
SUPERVISOR_LOG = "supervisord.log"
"""It tells only which processes began and ended."""

OUR_GENERATION = re.compile(r"\d+\.\d+")


def blank_logs(folder: Path) -> None:
    """Blank the texts in all log files, also in rotated ones. Raise `OSError` when one cannot be written."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith(SUPERVISOR_LOG):
            blank_log(path)


def blank_log(path: Path) -> None:
    """Blank the texts in one log file."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:  # rotated meanwhile: it has another name now, and the next round finds it
        return
    head_of = bus_head if path.name.startswith(BUS_LOG) else process_head
    try:
        at = 0
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            for line in file:
                if (blanked := blank_line(line, head_of(line))) != line:
                    os.pwrite(descriptor, blanked, at)
                at += len(line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def blank_line(line: bytes, head: int) -> bytes:
    """Return a line in which everything behind its first `head` bytes is blank. Its length stays."""
    text = line.rstrip(b"\n")
    if len(text) <= head:
        return line
    end = b"}" if head and text.startswith(b"{") else b""
    return text[:head] + end + b" " * (len(text) - head - len(end)) + line[len(text) :]


def bus_head(line: bytes) -> int:
    """Return how many bytes of a line in `bus.log` stay."""
    if line.startswith(b"{"):
        return _json_bus_head(line)
    found = BUS_LINE.match(line)
    if found is None:
        return len(line) if COUNT_LINE.match(line) else 0
    return len(line) if found[2].startswith(WORDLESS) else found.end()


def _json_bus_head(line: bytes) -> int:
    found = JSON_BUS_LINE.match(line)
    if found is None:
        return 0
    keeps = found[1].startswith(WORDLESS) if found[1] else JSON_COUNT_LINE.fullmatch(line.rstrip(b"\n"))
    return len(line) if keeps else found.end()


def process_head(line: bytes) -> int:
    """Return how many bytes of a line that a process printed stay."""
    found = PROCESS_LINE.match(line) or JSON_PROCESS_LINE.match(line)
    return found.end() if found else 0


def clear_spool(folder: Path, streaming: Collection[str]) -> None:
    """Delete the files of all generations but those whose messages are `streaming`: these are still needed."""
    for path in folder.glob("*.spool"):
        generation = generation_of(path)
        if OUR_GENERATION.fullmatch(generation) and generation not in streaming:
            path.unlink(missing_ok=True)


def clear_snapshots(folder: Path) -> None:
    """Delete the copies that queries read, also those that are not whole."""
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)


def generation_of(path: Path) -> str:
    """Return the name of the generation that a file of the spool begins with; "" if it cannot be read."""
    try:
        with path.open("rb") as file:
            found = next(msgpack.Unpacker(file), None)
    except (OSError, ValueError, msgpack.UnpackException):
        return ""
    return found[0] if isinstance(found, list) and found and isinstance(found[0], str) else ""
