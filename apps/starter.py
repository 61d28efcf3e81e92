"""Create a new app (`python -m apps.starter NAME`): a file among the own apps; with `--package` a folder for pip."""

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path

from apps.core import CORE
from apps.installed import GROUP, installed
from apps.names import problem_of_app, problem_of_table
from bus.code.folder import DOCS, command, is_checkout
from bus.errors import EXIT_REFUSED, PianolaError
from bus.settings import load
from bus.text.console import print_line

FILE = '''\
"""{title}: an app of Pianola. Save this file, and the page follows at once."""

from apps.hookspecs import hook
from apps.tables import Field, Table

ENTRY = Table("{name}", (Field("title", required=True, searched=True), Field("done", "boolean")), sortable=True)


@hook
def tables() -> tuple[Table, ...]:
    """One table. The page, search, undo and what the assistant can do follow from it."""
    return (ENTRY,)


@hook
def prompt() -> str:
    """What the assistant should know."""
    return "The user keeps a list called {title}."
'''

PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "pianola-{name}"
version = "0.1.0"
description = "{title}, an app of Pianola"
requires-python = ">=3.11"
dependencies = ["pianola-workbench"]

[project.entry-points."{group}"]
{name} = "{name}"

[tool.hatch.build.targets.wheel]
packages = ["{name}"]
"""

PACKAGE = '''\
"""{title}: an app of Pianola."""
'''

STORE = '''\
"""The table of {name}. The page, search, undo and what the assistant can do follow from it."""

from apps.hookspecs import hook
from apps.tables import Field, Table

ENTRY = Table("{name}", (Field("title", required=True, searched=True), Field("done", "boolean")), sortable=True)


@hook
def tables() -> tuple[Table, ...]:
    """One table."""
    return (ENTRY,)
'''

AGENT = '''\
"""What the assistant knows about {name}."""

from apps.hookspecs import hook


@hook
def prompt() -> str:
    """Subject."""
    return "The user keeps a list called {title}."
'''

TEST = '''\
"""The app {name} can be loaded, and takes what it should."""

import pytest

from apps.installed import Installed
from apps.registry import load
from apps.tables import BadValue
from {name}.store import ENTRY


def test_the_app_is_sound():
    app = load(Installed("{name}", "{name}", "this folder"), ("agent", "web"))

    assert app.problem == ""
    assert app.tables == (ENTRY,)


def test_a_row_needs_a_title():
    assert ENTRY.all_fields["title"].checked("a title") == "a title"
    with pytest.raises(BadValue, match="empty"):
        ENTRY.all_fields["title"].checked("")
'''

NEXT_OF_FILE = """\
The app {name} is {file}. While Pianola runs, it is in the page now, and again whenever you save the file.
{docs}/apps.md goes on from here.
"""

NEXT = """\
The app {name} is in {folder}. Next:{get_pytest}
  {pianola} python -m pytest {folder}
  {pianola} python -m pip install {offline}-e {folder}
then `pianola down` and `pianola up`: it stands in the menu. {docs}/apps.md goes on from here.
"""

GET_PYTEST = """
  {pianola} python -m pip install pytest"""
"""`make up` and the wheel install what runs, not what tests."""
OFFLINE = "--no-build-isolation " if is_checkout() else ""
"""An option of pip: a checkout has what building needs, so that nothing is downloaded."""


class CannotStart(PianolaError):
    """The folder of a new app cannot be created. Nothing was changed."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"the app {name!r:.60} was not written: {problem}")


def start(name: str, where: Path) -> Path:
    """Create the app's folder inside `where`, and return it. Raise `CannotStart` instead of overwriting anything."""
    return write_files(name, where, files(name))


def write_file(name: str, folder: Path) -> Path:
    """Create the file of a new app in the folder of own apps, and return it. Raise `CannotStart` like `start`."""
    if problem := problem_of_app(name) or problem_of_table(name) or _taken(name):
        raise CannotStart(name, problem)
    file = folder / f"{name}.py"
    if (folder / name).exists():
        raise CannotStart(name, f"the folder {folder / name} is an app of that name. Choose another name.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(FILE.format(name=name, title=_title(name)))
    except FileExistsError:
        raise CannotStart(name, f"{file} is there already. Choose another name, or move it away.") from None
    except OSError as error:
        raise CannotStart(name, f"{file} cannot be written: {error.strerror}.") from error
    return file


def write_files(name: str, where: Path, texts: Mapping[str, str]) -> Path:
    """Create the folder of an app with these files, by path in it. Raise `CannotStart` if the name is not available."""
    if problem := problem_of_app(name) or problem_of_table(name) or _taken(name):
        raise CannotStart(name, problem)
    folder = where / name
    try:
        folder.mkdir()
        for path, text in texts.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except FileExistsError:
        raise CannotStart(name, f"{folder} is there already. Choose another name, or move it away.") from None
    except OSError as error:
        raise CannotStart(name, f"{folder} cannot be written: {error.strerror}. Choose another folder.") from error
    return folder


def _taken(name: str) -> str:
    """Return why a well-formed name is not available, "" if it is."""
    if any(app.name == name for app in installed()):
        return "there is an app of that name. Choose another one."
    if any(table.name == name for table in CORE):
        return f"there is a table of that name. Choose another one, for example my_{name}."
    if importlib.util.find_spec(name):
        return f"Python has a module named so already. Choose another name, for example my_{name}."
    return ""


def files(name: str) -> Mapping[str, str]:
    """Return the text of each file, by path inside the folder."""
    texts = {
        "pyproject.toml": PROJECT,
        f"{name}/__init__.py": PACKAGE,
        f"{name}/store.py": STORE,
        f"{name}/agent.py": AGENT,
        f"test_{name}.py": TEST,
    }
    return {path: text.format(name=name, title=_title(name), group=GROUP) for path, text in texts.items()}


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def next_steps(name: str, folder: Path, *, has_pytest: bool) -> str:
    """Return what to do after the folder of an app was created."""
    get_pytest = "" if has_pytest else GET_PYTEST.format(pianola=command())
    return NEXT.format(name=name, folder=folder, pianola=command(), offline=OFFLINE, docs=DOCS, get_pytest=get_pytest)


def main(arguments: list[str]) -> int:
    """Create the file, or the folder in the current one, and print the next steps."""
    name, *kind = arguments
    try:
        if kind:
            said = next_steps(name, start(name, Path.cwd()), has_pytest=importlib.util.find_spec("pytest") is not None)
        else:
            said = NEXT_OF_FILE.format(name=name, file=write_file(name, load().apps), docs=DOCS)
    except PianolaError as problem:
        sys.stderr.write(f"pianola: {problem}\n")
        return EXIT_REFUSED
    print_line(said.rstrip("\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
