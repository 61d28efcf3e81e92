"""How much memory a model takes, and how much is free."""

import os
import re
from pathlib import Path

GIGABYTE = 10**9
OVERHEAD_BYTES = 200_000_000
"""What the engine takes beside weights and context."""
AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB", re.MULTILINE)


def needed_bytes(size: int, bytes_per_token: int, window: int) -> int:
    """Return the bytes that a model takes while it is served: its file, its window, and the engine itself."""
    return size + bytes_per_token * window + OVERHEAD_BYTES


def free_bytes() -> int:
    """Return the bytes that programs can still take without swapping; elsewhere than on Linux all of the memory."""
    try:
        found = AVAILABLE.search(Path("/proc/meminfo").read_text())
    except OSError:
        found = None
    return int(found[1]) * 1024 if found else total_bytes()


def total_bytes() -> int:
    """Return the memory of this machine in bytes, 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def in_words(size: int) -> str:
    """Return a number of bytes for a sentence: “2.5 GB”."""
    return f"{size / GIGABYTE:.1f} GB" if size >= GIGABYTE else f"{size / 1e6:.0f} MB"
