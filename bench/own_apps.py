"""What 50 declared apps add to a start: the time until store, web and agent have them, with and without.

python -m bench.own_apps
"""

import tempfile
import time
from pathlib import Path

from apps.own.loading import OwnApps
from apps.registry import load_apps
from apps.tables import Row
from store.file.database import open_database
from store.file.migrations import migrate, own_apps_in

APPS, FIELDS = 50, 8


def declaration(number: int) -> dict[str, object]:
    """Return an app with one table."""
    fields = [{"name": f"field_{place}", "type": ("text", "integer", "boolean")[place % 3]} for place in range(FIELDS)]
    table = {"name": f"table_{number}", "label": f"a thing {number}", "fields": fields}
    return {"name": f"app_{number}", "label": f"App {number}", "tables": [table]}


def start(file: Path) -> tuple[float, ...]:
    """Return the seconds in which the store loads all apps and checks the file, and in which others load them."""
    began = time.perf_counter()
    connection = open_database(file)
    own = OwnApps(load_apps(), file.parent / "apps")
    rows = own_apps_in(connection)
    own.sync(rows)
    migrate(connection, own.registry, file.parent / "backups")
    connection.close()
    stored = time.perf_counter() - began
    return stored, *(_loaded(process, file, rows) for process in ("web", "agent"))


def _loaded(process: str, file: Path, rows: list[Row]) -> float:
    began = time.perf_counter()
    OwnApps(load_apps(process), file.parent / "apps", files=(process,)).sync(rows)
    return time.perf_counter() - began


def main() -> None:
    """Measure a home without own apps, then the same with 50; each is the fastest of five starts."""
    from tests.store.test_own_apps import Store  # noqa: PLC0415 (the measurement needs no test)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pianola.db"
        store = Store(file)
        store.connection.close()
        without = [min(times) for times in zip(*(start(file) for _ in range(5)), strict=True)]
        store = Store(file)
        for number in range(APPS):
            store.done("insert", "app", values={"declaration": declaration(number)})
        store.connection.close()
        start(file)
        with_apps = [min(times) for times in zip(*(start(file) for _ in range(5)), strict=True)]
    for name, before, after in zip(("store", "web", "agent"), without, with_apps, strict=True):
        print(f"{name}: {before * 1000:.0f} ms, with {APPS} declared apps {after * 1000:.0f} ms")


if __name__ == "__main__":
    main()
