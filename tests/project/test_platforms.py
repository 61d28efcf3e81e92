"""What set-up does before Python is there: the environment of another Python, and the flake."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.needs import needs
from tests.support.system import ROOT


@pytest.mark.parametrize(("version", "stays"), [(sys.version, True), ("3.99", False)], ids=["the same", "another"])
def test_an_environment_of_another_python_than_the_named_one_is_made_anew(tmp_path: Path, version: str, stays: bool):
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ncat <<'VERSION'\n{version}\nVERSION\n")
    python.chmod(0o700)

    words = ["sh", str(ROOT / "environment.sh"), str(tmp_path / ".venv"), "--forget-other"]
    subprocess.run(words, env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable}, check=True)

    assert python.exists() == stays


@pytest.mark.long
def test_the_flake_is_sound_as_far_as_that_can_be_seen_offline():
    needs(shutil.which("nix"), "Nix is not here", long=True)

    ran = subprocess.run(
        ["sh", str(ROOT / "tests" / "support" / "check_flake.sh")], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("/bin/pianola-up") == 4
