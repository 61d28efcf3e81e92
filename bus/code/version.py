"""The version of our code on the disk. An update may replace it while processes of the version before still run."""

import re
from pathlib import Path

from bus.code.folder import CODE


def version(root: Path = CODE) -> str:
    """Return the version that the files have now; "unknown" while they are being replaced."""
    try:
        text = (root / "pyproject.toml").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    found = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    return found[1] if found else "unknown"
