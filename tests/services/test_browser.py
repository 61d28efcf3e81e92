"""Opening the page on WSL: a browser of Windows is started. Doubles of its commands stand on the PATH."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bus.settings import Settings, load
from services.cli import browser
from tests.support.system import run_apart

WSL = "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1) (gcc 11.2.0)"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a machine with WSL, where nothing stands on the PATH yet."""
    kernel = tmp_path / "version"
    kernel.write_text(WSL)
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(browser, "KERNEL", kernel)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return load({"PIANOLA_HOME": str(tmp_path / "home")})


def stand_in(tmp_path: Path, name: str, code: int = 0) -> Path:
    """Put a double of a command on the PATH; return the file in which it writes its arguments, one a line."""
    heard = tmp_path / f"{name}.heard"
    double = tmp_path / "bin" / name
    double.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{heard}'\nexit {code}\n")
    double.chmod(0o700)
    return heard


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("wslview", []),
        ("powershell.exe", ["-NoProfile", "-Command", "Start-Process"]),
        ("cmd.exe", ["/c", "start", ""]),
    ],
)
def test_on_wsl_the_page_is_opened_by_a_command_of_windows(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, before: list[str]
):
    heard = stand_in(tmp_path, name)

    run_apart(browser.open_page(settings, "t" * 43))

    *words, url = heard.read_text().splitlines()
    assert words == before
    assert urlsplit(url).query.startswith("ticket=")
    assert not set(url) & set("&|<>^%\"'`;$ ()")  # nothing that a shell of Windows would read
    assert capsys.readouterr().out == ""


def test_a_command_that_fails_is_followed_by_the_next_and_at_last_by_a_sentence(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    first, second = stand_in(tmp_path, "wslview", 1), stand_in(tmp_path, "cmd.exe", 1)

    run_apart(browser.open_page(settings, "t" * 43))

    assert first.exists()
    assert second.exists()
    assert "open the page yourself" in capsys.readouterr().out


def test_elsewhere_they_are_not_asked(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    heard = stand_in(tmp_path, "wslview")
    monkeypatch.setattr(browser, "KERNEL", tmp_path / "nothing")

    run_apart(browser.open_page(settings, "t" * 43))

    assert not heard.exists()
