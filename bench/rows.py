"""How long single orders take in the store alone, with many rows and a long history.

python -m bench.rows [--rows 100000]
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from apps.registry import load_apps
from bench.figures import percentiles
from tests.support.local_store import Store

WORDS = ("milk", "bread", "letter", "garden", "piano", "window", "ticket", "tax", "doctor", "book", "train")

ORDERS: dict[str, dict[str, Any]] = {
    "list, first page": {"verb": "list", "where": {"profile": 1}},
    "list, last page": {"verb": "list", "where": {"profile": 1}, "offset": -100},
    "list, what is open": {"verb": "list", "where": {"profile": 1, "done": False}},
    "list, by title": {"verb": "list", "where": {"profile": 1}, "sort": "title"},
    "search, one letter": {"verb": "search", "table": "", "values": {"text": "t"}, "limit": 20},
    "search, a word of all": {"verb": "search", "table": "", "values": {"text": "todo"}, "limit": 20},
    "search, two words": {"verb": "search", "table": "", "values": {"text": "milk bread"}, "limit": 20},
    "search, one row": {"verb": "search", "table": "", "values": {"text": "4711"}, "limit": 20},
    "insert": {"verb": "insert", "values": {"title": "one more"}},
    "toggle": {"verb": "toggle", "key": 1, "values": {"field": "done"}},
    "move to the front": {"verb": "sort", "key": 2, "values": {"after": 0}},
    "move to the same place": {"verb": "sort", "key": 3, "values": {"after": 9}},
}

SUBJECTS = ("todo", "todo", "todo", "message", "todo", "profile", "todo", "setting", "todo", "import")
ACTORS = ("user", "model", "user", "app", "model", "user", "system")
FIRST_DAY = 1_700_000_000.0
SECONDS_BETWEEN = 60.0
UNDOES_EVERY = 50
"""Each so many changes, one takes back the change ten before it."""

IN_JOURNAL = {"verb": "list", "table": "change", "sort": "-id", "limit": 100}
APPS = {"subject": ["todo", "profile"]}
LAST_WEEK = {"from": FIRST_DAY + (100_000 - 7 * 24 * 60) * SECONDS_BETWEEN}

JOURNAL: dict[str, dict[str, Any]] = {
    "journal, everything": {},
    "journal, of all apps": {"where": APPS},
    "journal, last page": {"where": APPS, "offset": 69_900},
    "journal, settings": {"where": {"subject": ["setting"]}},
    "journal, of the model": {"where": {**APPS, "actor": "model"}},
    "journal, of the system": {"where": {**APPS, "actor": "system"}},
    "journal, of nobody": {"where": {"subject": ["profile"], "actor": "app"}},
    "journal, a week": {"where": {**APPS, "at": LAST_WEEK}},
    "journal, until then": {"where": {**APPS, "at": {"to": LAST_WEEK["from"]}}},
    "journal, week and model": {"where": {**APPS, "actor": "model", "at": LAST_WEEK}},
}


def fill(store: Store, rows: int) -> None:
    texts = ((f"todo {WORDS[n % 11]} {WORDS[n % 7]} {n}", n % 2, float(n)) for n in range(1, rows + 1))
    store.connection.execute("begin")
    store.connection.executemany("insert into todo (title, done, profile, position) values (?, ?, 1, ?)", texts)
    store.connection.execute("commit")


def fill_history(store: Store, changes: int) -> None:
    values = (
        (
            n,
            FIRST_DAY + n * SECONDS_BETWEEN,
            SUBJECTS[n % len(SUBJECTS)],
            str(n % 5_000),
            '{"title": "before", "done": false, "profile": 1}',
            '{"title": "after", "done": true, "profile": 1}',
            ACTORS[n % len(ACTORS)],
            f"{n // 3}.1",
            f"{n // 3}.1#0",
            n - 10 if n > 10 and n % UNDOES_EVERY == 0 else 0,
            "",
        )
        for n in range(1, changes + 1)
    )
    store.connection.execute("begin")
    store.connection.executemany("insert into change values (?, ?, ?, 'update', ?, ?, ?, ?, ?, ?, ?, ?)", values)
    store.connection.execute("commit")


def measure(store: Store, order: dict[str, Any], rows: int, times: int = 30) -> list[float]:
    if order.get("offset", 0) < 0:
        order = {**order, "offset": rows + order["offset"]}
    milliseconds = []
    for _ in range(times):
        started = time.perf_counter()
        outcome = store.order(**order)
        milliseconds.append((time.perf_counter() - started) * 1000)
        assert not outcome.error, outcome.error
    return milliseconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "pianola.db", load_apps())
        fill(store, rows)
        fill_history(store, rows)
        store = store.again(load_apps())
        print(f"{rows:,} rows, and as many changes, ms:")
        for name, order in ORDERS.items():
            print(f"{name:<24}", percentiles(measure(store, order, rows)))
        for name, order in JOURNAL.items():
            print(f"{name:<24}", percentiles(measure(store, {**IN_JOURNAL, **order}, rows)))
        store.connection.close()


if __name__ == "__main__":
    main()
