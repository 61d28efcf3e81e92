"""The product as pip installs it: a wheel of the checkout, in an environment of its own, among packages of others."""

import json
import os
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx

from bus.settings import Settings, load
from tests.support.system import NO_OLLAMA, PATIENCE_SECONDS, ROOT, free_port

FOLDER = "pianola_workbench"
"""Where all our code lies in an environment."""
STRANGERS = ("apps", "bus", "llm_worker", "services", "store", "web")
"""Names of other people's packages in the environment: importing one of them instead of ours ends a process."""


def build(folder: Path, source: Path = ROOT, target: str = "wheel") -> Path:
    """Build the wheel or the sdist of a source tree, without a network; return the file."""
    words = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    ran = subprocess.run(words, cwd=source, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return next(folder.glob("*.whl" if target == "wheel" else "*.tar.gz"))


def new_environment(folder: Path, *, shares: bool) -> Path:
    """Make a virtual environment without us; return its Python. `shares`: it has the packages of the one that tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = packages_of(folder)
    if shares:  # a folder that is named so has no part in editable installs: their own files of paths are not read
        (packages / "shared.pth").write_text("\n".join(one for one in site.getsitepackages() if Path(one).is_dir()))
    for name in STRANGERS:
        (packages / name).mkdir()
        (packages / name / "__init__.py").write_text(f'raise SystemExit("the package {name} of other people")\n')
    return folder / "bin" / "python"


def packages_of(folder: Path) -> Path:
    """Return the folder `site-packages` of an environment."""
    return next(folder.glob("lib/python*/site-packages"))


def pip(python: Path, *words: str) -> None:
    """Let our pip install into another environment."""
    words = ("-m", "pip", "--disable-pip-version-check", "--quiet", "--python", str(python), *words)
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def files_below(folder: Path) -> dict[str, tuple[int, int]]:
    """Return all files in a folder, with size and time."""
    return {
        str(file.relative_to(folder)): (file.stat().st_size, file.stat().st_mtime_ns)
        for file in folder.rglob("*")
        if file.is_file()
    }


class Installed:
    """Pianola in the background, from an environment, as a user has it who knows no checkout."""

    def __init__(self, environment: Path, world: Path) -> None:
        """`environment`: its folder. `world`: an empty folder for everything else that a program may write to."""
        self.home = Path(tempfile.mkdtemp(prefix="p.", dir="/tmp"))
        self.port = free_port()
        self.command = environment / "bin" / "pianola"
        self.world = world
        for name in ("user", "tmp", "here"):
            (world / name).mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(world / "user"),
            "TMPDIR": str(world / "tmp"),
            "LANG": "C.UTF-8",
            "PIANOLA_HOME": str(self.home),
            "PIANOLA_PORT": str(self.port),
            "OLLAMA_HOST": NO_OLLAMA,
        }

    def __enter__(self) -> Self:
        started = self.run("up", "--background", "--no-browser")
        assert started.returncode == 0, started.stdout + started.stderr
        return self

    def __exit__(self, *_: object) -> None:
        try:
            assert self.run("down").returncode == 0
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return load(self.environment)

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the command in a folder that has nothing to do with us. `more`: variables of the environment."""
        return subprocess.run(
            [str(self.command), *words],
            cwd=self.world / "here",
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS * 2,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """Return what `pianola status` says."""
        found: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return found

    def answer(self, path: str) -> httpx.Response:
        """Ask the page as a script does."""
        token = {"Authorization": f"Bearer {(self.home / 'token').read_text().strip()}"}
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=token, trust_env=False)

    def written(self) -> list[str]:
        """Return the files and folders that were written outside of the data folder."""
        return sorted(str(file.relative_to(self.world)) for place in self.world.iterdir() for file in place.rglob("*"))


def installed(folder: Path, world: Path) -> Iterator[Installed]:
    """Build the wheel, install it beside the packages of others, and run it."""
    python = new_environment(folder, shares=True)
    pip(python, "install", "--no-deps", "--no-index", str(build(folder / "dist")))
    with Installed(folder, world) as running:
        yield running
