"""The wheel, installed among packages of other people that are called as ours: it runs, and writes only to its home."""

import subprocess
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import Chromium
from tests.support.system import PATIENCE_SECONDS
from tests.support.wheel import FOLDER, Installed, files_below, installed, packages_of


@pytest.fixture(scope="module")
def pianola(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder, world = tmp_path_factory.mktemp("environment"), tmp_path_factory.mktemp("world")
    yield from installed(folder, world)


@pytest.fixture(scope="module")
def packages(pianola: Installed) -> Path:
    return packages_of(pianola.command.parent.parent)


def test_a_user_talks_in_the_page_and_nothing_but_the_data_folder_is_written(
    pianola: Installed, packages: Path, chromium: Chromium
) -> None:
    before = files_below(packages)

    with chromium.visit(pianola) as tab:
        tab.page.goto(f"{tab.base}/apps/todo")
        tab.connected()
        tab.say("add milk")
        expect(tab.todo("milk")).to_be_visible()
        tab.page.goto(f"{tab.base}/apps/simulator")
        tab.connected()
        tab.page.locator("#run-simulator-simulate-chunks").fill("1")
        tab.page.locator("#run-simulator-simulate-run").click()
        expect(tab.page.locator(".job[data-state=done]")).to_be_visible()

    assert files_below(packages) == before
    assert pianola.written() == []
    assert (pianola.home / "pianola.db").exists()


def test_a_new_app_is_in_the_page_as_soon_as_its_file_is_written(pianola: Installed, chromium: Chromium) -> None:
    said = pianola.run("new-app", "plants")

    assert said.returncode == 0, said.stderr
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := pianola.answer("/export/plants.json")).status_code != HTTPStatus.OK:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.1)
    with chromium.visit(pianola) as tab:
        tab.page.goto(f"{tab.base}/apps/plants")
        expect(tab.page.get_by_role("heading", name="Plants", exact=True).first).to_be_attached()
    assert pianola.run("app", "remove", "plants").returncode == 0


def test_python_finds_our_code_only_through_our_command(pianola: Installed, packages: Path) -> None:
    said = pianola.run("python", "-c", "import apps.tables, sys; print(apps.tables.__file__, sys.argv[1:])", "-x")

    assert said.stdout == f"{packages / FOLDER / 'apps' / 'tables.py'} ['-x']\n"
    plain = [str(pianola.command.with_name("python")), "-c", "import apps"]
    ran = subprocess.run(
        plain, cwd=pianola.world / "here", env=pianola.environment, capture_output=True, text=True, check=False
    )
    assert ran.stderr == "the package apps of other people\n"


def test_the_commands_that_start_other_programs_find_the_code(pianola: Installed) -> None:
    doctor = pianola.run("doctor")
    backup = pianola.run("backup")
    restarted = pianola.run("restart", "agent")
    service = pianola.run("service", "install", PATH="/nowhere")

    assert doctor.returncode == 0, doctor.stdout
    assert backup.returncode == 0, backup.stderr
    assert restarted.returncode == 0, restarted.stdout
    assert "neither systemd nor launchd" in service.stderr
