"""Texts for people that several parts of the page need."""

import re
from zlib import crc32


def count(number: int, noun: str) -> str:
    """Return a number with its noun: "1 row", "2,000 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size_in_words(size: int) -> str:
    """Return a number of bytes as people say it: "2.5 GB", "98 MB", "3 kB", "12 bytes"."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    if size < 1e3:
        return count(size, "byte")
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def id_part(name: str) -> str:
    """Return a name as part of an HTML id: two names never have the same one, however they are written."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    return f"{plain}-{crc32(name.encode(errors='replace')):08x}"
