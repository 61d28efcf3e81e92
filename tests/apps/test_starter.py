"""`pianola new-app` creates a folder whose test passes, and overwrites nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from apps.core import CORE
from apps.starter import CannotStart, next_steps, start
from tests.support.system import ROOT

PIANOLA = Path(sys.executable).with_name("pianola")


def new_app(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = [str(PIANOLA), "new-app", name, "--package"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_the_folder_of_a_new_app_has_a_test_that_passes(tmp_path: Path):
    said = new_app(tmp_path, "reading")

    assert said.returncode == 0, said.stderr
    assert f"The app reading is in {tmp_path / 'reading'}." in said.stdout
    tested = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "reading"]
    done = subprocess.run(tested, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_a_new_app_has_about_ten_lines_and_follows_our_style(tmp_path: Path):
    folder = start("reading", tmp_path)

    declared = (folder / "reading" / "store.py").read_text().split('"""', 2)[2]
    assert len([line for line in declared.splitlines() if line]) <= 10
    for command in (["check"], ["format", "--check"]):
        ruff = [
            sys.executable,
            "-m",
            "ruff",
            *command,
            "--quiet",
            "--config",
            str(ROOT / "pyproject.toml"),
            str(folder),
        ]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert "reading/reading" not in done.stdout, done.stdout


def test_an_existing_folder_stays_as_it_is(tmp_path: Path):
    (tmp_path / "reading").mkdir()
    (tmp_path / "reading" / "mine.txt").write_text("mine")

    said = new_app(tmp_path, "reading")

    assert said.returncode == 3
    assert said.stderr.endswith("reading is there already. Choose another name, or move it away.\n")
    assert [path.name for path in (tmp_path / "reading").iterdir()] == ["mine.txt"]


def test_no_module_in_the_users_folder_replaces_one_of_ours(tmp_path: Path):
    (tmp_path / "apps.py").write_text("raise SystemExit('taken')")
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")

    said = new_app(tmp_path, "reading")

    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("todo", "there is an app of that name"),
        ("message", "there is a table of that name"),
        ("answered", "it is reserved"),
        ("json", "Python has a module named so already. Choose another name, for example my_json"),
        ("store", "it is reserved. Choose another name, for example my_store"),
        ("import", "it is reserved"),
        ("none", "it is reserved"),
        ("class", "it is reserved"),
        ("Reading", "Expected a name of 1 to 40 letters a-z"),
        ("my-app", "Expected a name of 1 to 40 letters a-z"),
        ("9lives", "Expected a name"),
        ("", "Expected a name"),
        ("..", "Expected a name"),
        ("../elsewhere", "Expected a name"),
        ("a/b", "Expected a name"),
        ("sqlite_a", "Expected a name"),
        ("x" * 41, "Expected a name"),
        ("tоdo", "Expected a name"),
    ],
)
def test_a_name_that_is_not_available_is_refused_with_the_reason(tmp_path: Path, name: str, sentence: str):
    with pytest.raises(CannotStart) as raised:
        start(name, tmp_path)

    assert sentence in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotStart, match="cannot be written"):
        start("reading", tmp_path / "file")


def test_no_core_table_can_be_the_name_of_a_new_app(tmp_path: Path):
    for table in CORE:
        with pytest.raises(CannotStart):
            start(table.name, tmp_path)


def test_where_pytest_is_missing_the_first_step_gets_it(tmp_path: Path):
    steps = next_steps("reading", tmp_path, has_pytest=False).splitlines()

    assert steps[1].endswith("python -m pip install pytest")
    assert "python -m pytest" in steps[2]
    assert "pip install pytest" not in next_steps("reading", tmp_path, has_pytest=True)
