"""The version of this program."""

import re
from importlib import metadata

from services.supervise.procfile import CHECKOUT


def version() -> str:
    """Return the version: of the checkout that runs, else of the package that is installed."""
    try:
        text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    except OSError:
        return metadata.version("pianola")
    found = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    return found[1] if found else "unknown"
