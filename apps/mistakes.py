"""Describe an error of an app, as a sentence for its author."""

import traceback
from pathlib import Path

from apps.calls.timer import TookTooLong

FILES = ("store.py", "agent.py", "web.py", "jobs.py", "__init__.py")
LOADED = ".loaded"
"""Folder with the copies of own apps that are run (`apps/own/versions.py`)."""
LONGEST = 800
"""Characters of an error's own text that are shown."""


class TooMuch(Exception):
    """An app returned more than there is room for. The text says what, how much, and how much fits."""


def in_words(error: BaseException) -> str:
    """Return an error as one sentence, with the file and line of the app."""
    frames = ((Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__))
    inside = [(file, line) for file, line in frames if _is_of_app(file)]
    if not inside:
        return _said(error)
    file, line = inside[-1]
    return f"{_said(error)} ({_shown(file)}, line {line})"


def _is_of_app(file: Path) -> bool:
    return LOADED in file.parts or (file.name in FILES and "site-packages" not in file.parts)


def _shown(file: Path) -> str:
    """Return how a file is called: by its folder; a copy by the file in the folder `apps` that it was made from."""
    if LOADED not in file.parts:
        return f"{file.parent.name}/{file.name}"
    folder, *inner = file.parts[file.parts.index(LOADED) + 1 :]
    name = folder.rpartition("_")[0]
    return f"apps/{file.name}" if inner == [f"{name}.py"] else "/".join(("apps", name, *inner))


def _said(error: BaseException) -> str:
    if isinstance(error, TookTooLong | TooMuch):
        return str(error)
    name = type(error).__name__
    try:
        text = " ".join(str(error)[:LONGEST].split())
    except BaseException as second:
        text = f"its text cannot be shown, because its own `__str__` raises {type(second).__name__}"
    return f"{name}: {text}" if text else name
