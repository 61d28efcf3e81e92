"""How much memory a process takes."""

import re
import subprocess
from pathlib import Path


def memory_bytes(pid: int) -> int:
    """Return the memory of a process: PSS on Linux, resident memory elsewhere; 0 if the process is gone."""
    if not pid:
        return 0
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return _resident_bytes(pid)
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _resident_bytes(pid: int) -> int:
    asked = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return int(asked.stdout) * 1024 if asked.stdout.strip().isdigit() else 0
