"""Describe an error of an app, as a sentence for its author."""

import traceback
from pathlib import Path

FILES = ("store.py", "agent.py", "web.py", "__init__.py")


def in_words(error: BaseException) -> str:
    """Return an error as one sentence, with the file and line of the app."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename).name in FILES and "site-packages" not in frame.filename]
    said = " ".join(f"{type(error).__name__}: {error}".split())
    if not inside:
        return said
    file = Path(inside[-1].filename)
    return f"{said} ({file.parent.name}/{file.name}, line {inside[-1].lineno})"
