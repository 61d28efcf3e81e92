"""Reminders of what becomes due: once for each due date, also over restarts, sleep and clocks that are set."""

import os
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from apps.registry import load_apps
from apps.todo.store import TODO
from bus.errors import NoAnswer
from bus.messages import StoreAnswer, StoreOrder
from store.tables.history import Reason
from tests.support.local_store import Store
from tests.support.system import run_apart
from web.live.queries import Reader
from web.live.reminders import desktop
from web.live.reminders.maker import ReminderMaker
from web.live.reminders.reading import read_shown

NOON = datetime(2026, 11, 27, 12, 0)
MINUTE = timedelta(minutes=1)


class LocalBus:
    """Asks a store in this process."""

    def __init__(self, store: Store) -> None:
        self.store, self.is_away = store, False

    async def ask(self, order: StoreOrder, _key: str, *, cause: str, id: str, seconds: float) -> Any:  # noqa: A002
        if self.is_away:
            raise NoAnswer("store.order", "todo", "store", "one", 1.0)
        self.store.number += 1
        reason = Reason(order.actor, id or f"local-{self.store.number}", cause)
        outcome = self.store.orders.carry_out(order, reason)
        return SimpleNamespace(message=StoreAnswer(ok=not outcome.error, rows=outcome.rows, error=outcome.error))


class Bench:
    """A store with todos, and what makes reminders of them."""

    def __init__(self, store: Store) -> None:
        self.store, self.bus, self.told = store, LocalBus(store), []
        self.restart()

    def restart(self) -> None:
        reader: Any = Reader(self.bus)
        bus: Any = self.bus
        self.maker = ReminderMaker(
            bus, reader, lambda: [TODO], lambda made: self.told.extend(row["title"] for _, row in made)
        )

    def add(self, due: str, **values: object) -> int:
        values = {"title": f"due {due}", "due": due, **values}
        return self.store.order("insert", "todo", values=values).rows[0]["id"]

    def look(self, *moments: datetime) -> list[str]:
        """Look at these moments; return what was told."""
        self.told.clear()
        for now in moments:
            run_apart(self.maker.look(now))
        return list(self.told)

    def shown(self) -> list[str]:
        reader: Any = Reader(self.bus)
        found, _ = run_apart(read_shown(reader.read, {"todo": TODO}, 1))
        return [one.title for one in found]


@pytest.fixture
def bench(tmp_path):
    store = Store(tmp_path / "store.db", load_apps())
    made = Bench(store)
    made.look(NOON - MINUTE)
    yield made
    store.connection.close()


def test_a_todo_is_told_in_its_minute_and_only_once(bench):
    bench.add("2026-11-27T12:00")
    bench.add("2026-11-27T12:01")

    assert bench.look(NOON) == ["due 2026-11-27T12:00"]
    assert bench.look(NOON) == []
    assert bench.look(NOON + MINUTE) == ["due 2026-11-27T12:01"]
    bench.restart()
    assert bench.look(NOON + MINUTE, NOON + 2 * MINUTE) == []
    assert len(bench.store.rows("reminder")) == 2


def test_a_whole_day_is_told_in_the_morning(bench):
    bench.add("2026-11-28")
    morning = datetime(2026, 11, 28, 9, 0)

    assert bench.look(morning - MINUTE) == []
    assert bench.look(morning) == ["due 2026-11-28"]


def test_what_is_done_is_not_told(bench):
    bench.add("2026-11-27T12:00", done=True)

    assert bench.look(NOON) == []


def test_what_became_due_while_nothing_ran_or_the_machine_slept_is_told_after_it(bench):
    bench.add("2026-11-27T14:30")
    bench.add("2026-11-28")

    assert sorted(bench.look(NOON + timedelta(days=1))) == ["due 2026-11-27T14:30", "due 2026-11-28"]
    bench.restart()
    bench.add("2026-11-29T08:00")
    bench.add("2026-11-01T08:00")  # long ago: the list tells it as overdue
    assert bench.look(NOON + timedelta(days=3)) == ["due 2026-11-29T08:00"]


def test_clocks_that_are_set_back_tell_nothing_twice(bench):
    bench.add("2026-11-27T12:00")

    told = bench.look(NOON, NOON - timedelta(hours=2), NOON - MINUTE, NOON, NOON + MINUTE)

    assert told == ["due 2026-11-27T12:00"]


def test_while_the_store_is_away_nothing_is_lost(bench):
    bench.add("2026-11-27T12:00")
    bench.bus.is_away = True
    assert bench.look(NOON) == []

    bench.bus.is_away = False
    assert bench.look(NOON + MINUTE) == ["due 2026-11-27T12:00"]


def test_it_is_shown_until_the_row_is_done_put_off_or_gone_and_told_again_at_its_new_time(bench):
    keys = [bench.add("2026-11-27T12:00", title=title) for title in ("ticked", "put off", "deleted", "stays")]
    bench.look(NOON)
    assert sorted(bench.shown()) == ["deleted", "put off", "stays", "ticked"]

    bench.store.order("update", "todo", keys[0], values={"done": True})
    bench.store.order("update", "todo", keys[1], values={"due": "2026-11-27T13:00"})
    bench.store.order("delete", "todo", keys[2])
    assert bench.shown() == ["stays"]

    assert bench.look(NOON + timedelta(hours=1)) == ["put off"]
    assert sorted(bench.shown()) == ["put off", "stays"]


def test_a_reminder_that_was_dismissed_is_not_shown(bench):
    bench.add("2026-11-27T12:00")
    bench.look(NOON)

    bench.store.order("update", "reminder", 1, values={"state": "dismissed"})

    assert bench.shown() == []


# --- on the desktop ---


def test_the_desktop_is_told_by_the_program_that_is_there(tmp_path, monkeypatch):
    program, heard = tmp_path / "notify-send", tmp_path / "heard"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {heard}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert run_apart(desktop.tell(["--milk; rm -rf", "two", "three", "four", "five"])) == ""

    assert heard.read_text().splitlines() == [
        "--app-name=Pianola",
        "--",
        "Due now",
        "“--milk; rm -rf”, “two”, “three” and 2 more",
    ]


def test_a_machine_without_such_a_program_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    assert run_apart(desktop.tell(["milk"])).startswith("this machine has neither notify-send nor osascript")


def test_macos_gets_the_words_as_arguments_and_not_as_a_script(tmp_path, monkeypatch):
    (tmp_path / "osascript").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    line = desktop.command("Due now", 'milk" & quit', "darwin")

    assert line[0] == "osascript"
    assert line[-2:] == ['milk" & quit', "Due now"]


@pytest.mark.parametrize("is_wanted", [True, False])
def test_the_desktop_is_told_only_if_that_is_wanted(is_wanted):
    spawned = []

    def spawn(work, name):
        work.close()
        spawned.append(name)

    desktop.DesktopReminders(lambda: is_wanted, spawn, print).told([(TODO, {"id": 1, "title": "milk"})])

    assert spawned == ["desktop reminder"] * is_wanted
