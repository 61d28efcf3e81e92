"""The fast tier under the other Pythons of this machine, each with the packages of the locks."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.needs import needs
from tests.support.system import ROOT

FAST = "not browser and not supervisor and not system and not long"


def found(version: str) -> str:
    """Return a Python of this version that can make virtual environments, "" if there is none."""
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    candidates = [shutil.which(f"python{version}") or "", *map(str, installed)]
    return next((path for path in candidates if path and works(path)), "")


def works(python: str) -> bool:
    return subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode == 0


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_the_fast_tier_passes_under_another_python(version: str, tmp_path: Path):
    python = needs(found(version), f"there is no Python {version} on this machine", long=True)
    subprocess.run([python, "-m", "venv", str(tmp_path / "venv")], check=True)
    own = str(tmp_path / "venv" / "bin" / "python")
    for lock in ("requirements.lock", "requirements-test.lock"):
        words = ["-m", "pip", "--quiet", "install", "--require-hashes", "-r", str(ROOT / lock)]
        done = subprocess.run([own, *words], capture_output=True, text=True, check=False)
        needs("No matching distribution" not in done.stderr, f"no packages for {version}: {done.stderr}", long=True)
        assert done.returncode == 0, done.stderr

    words = ["-m", "pytest", "--numprocesses", "2", "--dist", "loadfile", "-m", FAST]
    done = subprocess.run([own, *words], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
