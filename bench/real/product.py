"""The whole product in a fresh, empty home, with the three apps of this folder installed and one model server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.real.orders import PACKAGES
from tests.support.system import System

SERVER = "bench"
"""Name of the model server in the product's settings."""
REHEARSAL = "rehearsal"
"""In place of an address: no server, so that the built-in player answers."""
PROCESSES = ("broker", "store", "llm_worker", "agent")
"""All that an order needs; the page and the log need not be there."""
ABOUT = "bench_apps-1.0.dist-info"


@contextmanager
def product(
    address: str, processes: tuple[str, ...] = PROCESSES, settings: Mapping[str, str] | None = None
) -> Iterator[System]:
    """Run the processes, and end them.

    `address`: of a server that speaks OpenAI's protocol, or `REHEARSAL`. `settings`: environment variables.
    """
    with System(settings) as system:
        system.environment["PYTHONPATH"] = install_apps(system.home / "apps")
        write_settings(system.home, address)
        system.start(*processes)
        yield system


def write_settings(home: Path, address: str) -> None:
    """Write the settings file: it names the model server."""
    if address != REHEARSAL:
        (home / "pianola.toml").write_text(f'[servers.{SERVER}]\naddress = "{address}"\n')


def install_apps(folder: Path) -> str:
    """Write what pip would write when it installs the apps; return the value of PYTHONPATH under which they are found.

    The code itself is imported from this folder, because the processes run in the root of the repository.
    """
    about = folder / ABOUT
    about.mkdir(parents=True, exist_ok=True)
    points = [f"{app} = {package}" for app, package in PACKAGES.items() if not package.startswith("apps.")]
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-apps\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("\n".join(["[pianola.apps]", *points, ""]))
    return str(folder)
