"""tests/README.md names what exists, and every helper stands in it."""

import ast
import re
import tomllib

import pytest

from tests.support.system import ROOT
from tests.support.tiers import MEASURED_SECONDS

PAGE = (ROOT / "tests" / "README.md").read_text()
ROWS = [line.strip("|").split("|") for line in PAGE.partition("## Which fixture")[2].splitlines() if line[:2] == "| "]
FILES = re.findall(r"`(tests/[\w/]+\.py)`", PAGE)
HELPERS = sorted(file.name for file in (ROOT / "tests" / "support").glob("*.py") if file.name != "__init__.py")


def defined_in(file: str) -> set[str]:
    """Return what a file defines: functions, classes, constants; and its own name."""
    found = {file.rsplit("/", maxsplit=1)[-1].removesuffix(".py")}
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


@pytest.mark.parametrize("row", [row for row in ROWS if "tests/" in row[-1]], ids=lambda row: row[0].strip())
def test_what_a_row_of_the_table_names_exists(row: list[str]):
    _, take, where = row
    files = re.findall(r"`(tests/[\w/]+\.py)`", where)
    named = {
        name for code in re.findall(r"`([^`]+)`", take) for name in re.findall(r"^(?!with)\w+|(?<=with )\w+", code)
    }

    # a module's own fixture, and the name of a `System` in the examples
    assert named - {"module_system", "system"} <= set().union(*map(defined_in, files))


@pytest.mark.parametrize("file", sorted(set(FILES)))
def test_a_file_that_is_named_exists(file: str):
    assert (ROOT / file).is_file()


@pytest.mark.parametrize("file", MEASURED_SECONDS)
def test_a_file_whose_time_was_measured_exists(file: str):
    assert (ROOT / "tests" / file).is_file()


@pytest.mark.parametrize("name", HELPERS)
def test_every_helper_is_named(name: str):
    assert f"tests/support/{name}" in PAGE


def test_every_tier_and_marker_is_named():
    makefile = (ROOT / "Makefile").read_text()
    markers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]

    for target in re.findall(r"^(test[\w-]*):", makefile, re.MULTILINE):
        assert f"`make {target}`" in PAGE
    for marker in markers:
        assert f"`{marker.partition(':')[0]}`" in PAGE


def test_no_test_runs_an_event_loop_where_that_of_a_browser_may_run():
    call = "asyncio" + ".run("
    files = (file for file in (ROOT / "tests").rglob("test_*.py") if call in file.read_text())

    assert not list(files), "use `run_apart` of tests/support/system.py"
