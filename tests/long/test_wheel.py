"""The wheel in environments of its own: built from the sdist, with its dependencies from the index, and updated."""

import os
import shlex
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from bus.code.version import version
from tests.support.browser import Chromium, expect
from tests.support.needs import needs
from tests.support.system import PATIENCE_SECONDS, ROOT
from tests.support.wheel import Installed, build, new_environment, packages_of, pip

NEWER = "99.0.0"


def source_of_version(number: str, folder: Path) -> Path:
    """Return the source tree of another version, from an sdist."""
    with tarfile.open(build(folder, target="sdist")) as archive:
        archive.extractall(folder, filter="data")
    root = next(one for one in folder.iterdir() if one.is_dir())
    text = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(text.replace(f'version = "{version()}"', f'version = "{number}"'))
    return root


def until(wanted, sentence: str):
    """Wait until a function returns something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := wanted()):
        assert time.monotonic() < deadline, sentence
        time.sleep(0.2)
    return found


def pid_of(pianola: Installed, process: str) -> int:
    """Return the id of a process."""
    return next(one["pid"] for one in pianola.status()["processes"] if one["process"] == process)


def problem_of(pianola: Installed) -> str:
    """Return why the agent does not start, "" if it has not said so yet."""
    return next(one["problem"] for one in pianola.status()["processes"] if one["process"] == "agent")


def given_by(unit: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the command of a unit of systemd, and the variables of its environment."""
    command = next(line.partition("=")[2] for line in unit if line.startswith("ExecStart="))
    variables = [shlex.split(line.partition("=")[2])[0] for line in unit if line.startswith("Environment=")]
    return shlex.split(command), dict(one.split("=", 1) for one in variables)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    folder = tmp_path / "world"
    folder.mkdir()
    return folder


def test_a_wheel_that_is_built_from_the_sdist_holds_the_same_files(tmp_path: Path) -> None:
    source = source_of_version(version(), tmp_path / "sdist")

    wheels = [build(tmp_path / "ours"), build(tmp_path / "theirs", source)]

    ours, theirs = (sorted((one.filename, one.CRC) for one in zipfile.ZipFile(wheel).infolist()) for wheel in wheels)
    assert ours == theirs
    names = {name for name, _ in ours}
    assert {
        "pianola_workbench/Procfile",
        "pianola_workbench/web/static/vendor/htmx.min.js",
        "pianola_workbench/services/agent/prompt/shipped_personas/friendly.md",
        "pianola_workbench/players/pianola-player-0.5b.toml",
        "pianola_workbench/examples/subscriber.py",
        "pianola_workbench/docs/apps.md",
    } <= names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"pianola_workbench"}


@pytest.mark.timeout(900)
def test_pip_installs_it_with_its_dependencies_from_the_index(tmp_path: Path, world: Path) -> None:
    python = new_environment(tmp_path / "environment", shares=False)
    words = ["-m", "pip", "--python", str(python), "install", "-r", str(ROOT / "requirements.lock"), "--require-hashes"]
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    needs(ran.returncode == 0, f"the index does not give the dependencies: {ran.stderr[-300:]}", long=True)
    pip(python, "install", "--no-index", str(build(tmp_path / "dist")))

    with Installed(tmp_path / "environment", world) as pianola:
        said = pianola.run("ask", "add milk")
        doctor = pianola.run("doctor", PATH=f"{pianola.command.parent}:{os.environ['PATH']}")

    assert "milk" in said.stdout
    assert "BAD" not in doctor.stdout
    assert f"`pianola` is {pianola.command}" in doctor.stdout
    assert pianola.written() == []


@pytest.mark.timeout(600)
def test_an_update_under_a_running_pianola_waits_for_a_restart(tmp_path: Path, world: Path, chromium: Chromium) -> None:
    python = new_environment(tmp_path / "environment", shares=True)
    newer = build(tmp_path / "newer", source_of_version(NEWER, tmp_path / "source"))
    pip(python, "install", "--no-deps", "--no-index", str(build(tmp_path / "dist")))

    with Installed(tmp_path / "environment", world) as pianola:
        pianola.run("ask", "add milk")
        with chromium.visit(pianola) as tab:
            tab.tolerates_lost_connection = True
            pip(python, "install", "--no-deps", "--no-index", str(newer))
            os.kill(pid_of(pianola, "agent"), signal.SIGKILL)

            problem = until(lambda: problem_of(pianola), "the agent says why it does not start")
            assert f"version {NEWER} has been installed while {version()} runs" in problem
            expect(tab.page.locator("#status")).to_contain_text("Restart to finish the update")
            assert "`pianola restart` finishes the update" in pianola.run("status").stdout
            assert "`pianola restart` finishes the update" in pianola.run("doctor").stdout

            assert pianola.run("restart").returncode == 0

            expect(tab.page.locator("#status[data-state=ready]")).to_be_attached()
            expect(tab.todo("milk")).to_be_visible()
        processes = pianola.answer("/healthz").json()["processes"]
        assert {one["version"] for one in processes} == {NEWER}
        assert not pianola.status()["outdated"]


def test_an_app_for_pip_is_tested_by_our_python_and_installed_beside_us(tmp_path: Path, world: Path) -> None:
    python = new_environment(tmp_path / "environment", shares=True)
    pip(python, "install", "--no-deps", "--no-index", str(build(tmp_path / "dist")))

    with Installed(tmp_path / "environment", world) as pianola:
        made = pianola.run("new-app", "plants", "--package")
        tested = pianola.run("python", "-m", "pytest", "-p", "no:cacheprovider", "plants")
        pip(python, "install", "--no-deps", "--no-build-isolation", str(world / "here" / "plants"))
        restarted = pianola.run("restart")
        exported = pianola.answer("/export/plants.json")

    assert f"{pianola.command} python -m pytest" in made.stdout
    assert tested.returncode == 0, tested.stdout
    assert restarted.returncode == 0, restarted.stdout
    assert exported.status_code == 200, exported.text


def test_the_installed_service_starts_the_wheel(tmp_path: Path, world: Path) -> None:
    python = new_environment(tmp_path / "environment", shares=True)
    pip(python, "install", "--no-deps", "--no-index", str(build(tmp_path / "dist")))
    double = tmp_path / "bin"
    double.mkdir()
    (double / "systemctl").write_text("#!/bin/sh\n")
    (double / "systemctl").chmod(0o700)
    pianola = Installed(tmp_path / "environment", world)

    said = pianola.run("service", "install", PATH=f"{double}:{os.environ['PATH']}")

    assert said.returncode == 0, said.stdout
    (unit,) = (world / "user" / ".config" / "systemd" / "user").glob("*.service")
    command, given = given_by(unit.read_text().splitlines())
    assert given["PYTHONPATH"] == str(packages_of(tmp_path / "environment") / "pianola_workbench")
    assert given["PIANOLA_HOME"] == str(pianola.home)
    process = subprocess.Popen(command, cwd="/", env={"PATH": os.environ["PATH"]} | given, stdout=subprocess.DEVNULL)
    try:
        until(lambda: pianola.run("status").returncode == 0, "all are ready")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
