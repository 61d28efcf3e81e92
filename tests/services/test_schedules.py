"""Schedules are carried out at their time, each once: also after kills, jumps of the clock, and an undo."""

import asyncio
import os
import re
import subprocess
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from apps.registry import load_apps
from bus.bus import new_id
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder, TimeDue
from bus.store_client import StoreClient, ask_store
from services.jobs.schedules.carry import Carrier
from services.jobs.schedules.timer import Timer
from store.tables.history import Reason
from tests.support.command import pianola
from tests.support.local_store import Store
from tests.support.system import PATIENCE_SECONDS, System, run_apart

DUE = datetime(2026, 3, 28, 1, 30, tzinfo=UTC).timestamp()
"""02:30 in Berlin, a day before the clocks there skip this time."""
HOUR, DAY = 3_600.0, 86_400.0


class Killed(Exception):
    """Stands for kill -9: nothing is done after it."""


class Client(StoreClient):
    """Asks a store in this process. `dies`: at which of its orders the process ends, before or after the answer."""

    def __init__(self, store: Store, dies: int = 0, *, answered: bool = False) -> None:
        self.store, self.dies, self.answered, self.asked = store, dies, answered, 0

    async def ask(self, order: StoreOrder, *, cause: str = "", id: str = "") -> StoreAnswer:  # noqa: A002
        self.asked += 1
        is_last = self.asked == self.dies
        if is_last and not self.answered:
            raise Killed
        outcome = self.store.orders.carry_out(order, Reason(order.actor, id or new_id(), cause))
        if is_last:
            raise Killed
        if outcome.error:
            raise Refused.by(outcome.error)
        return StoreAnswer(ok=True, rows=outcome.rows)


class Ear:
    """Stands for the bus: keeps what is said."""

    def __init__(self) -> None:
        self.said: list[tuple[TimeDue, str]] = []

    def say(self, message: TimeDue, key: int, *, cause: str, id: str) -> None:  # noqa: A002
        self.said.append((message, id))


class Bench:
    """A store with schedules, a clock that a test sets, and the part of `jobs` that is tested."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.ear = store, DUE - DAY, Ear()

    def add(self, **values: object) -> int:
        row = {"title": "one", "zone": "Europe/Berlin", "at": "2026-03-28T02:30", "next": DUE, **adding("milk")}
        return self.store.order("insert", "schedule", values={**row, **values}).rows[0]["id"]

    def add_macro(self, *titles: str, **more: object) -> int:
        steps = [{"verb": "insert", "table": "todo", "scoped": True, "values": {"title": one}} for one in titles]
        values = {"name": "Friday shopping", "steps": steps, **more}
        return self.store.order("insert", "macro", values=values).rows[0]["id"]

    def look(self, client: Client | None = None) -> float | None:
        """Carry out what is due, as a new run of `jobs`."""
        client = client or Client(self.store)
        timer = Timer(client, Carrier(self.ear, client, lambda: self.now), print, lambda: self.now)
        return run_apart(timer._carry_out_due())

    def titles(self) -> list[str]:
        return [row["title"] for row in self.store.rows("todo")]

    def schedule(self, key: int) -> dict:
        return self.store.rows("schedule", id=key)[0]


def adding(title: str) -> dict:
    return {"kind": "order", "action": {"verb": "insert", "table": "todo", "values": {"title": title}}}


@pytest.fixture
def bench(tmp_path):
    store = Store(tmp_path / "store.db", load_apps())
    yield Bench(store)
    store.connection.close()


def test_it_is_done_at_its_time_and_not_before(bench):
    key = bench.add()

    assert bench.look() == DUE
    assert bench.titles() == []
    bench.now = DUE
    assert bench.look() is None

    assert bench.titles() == ["milk"]
    row = bench.schedule(key)
    assert (row["state"], row["next"], row["last"], row["outcome"]) == ("over", None, DUE, "Done.")
    message, _ = bench.ear.said[0]
    assert (message.schedule, message.due, message.what) == (key, DUE, "order")


def test_what_it_changes_names_the_order_that_wrote_the_schedule_as_its_cause(bench):
    bench.add()
    bench.now = DUE

    bench.look()

    made = bench.store.rows("change", subject="schedule", verb="insert")[0]
    change = bench.store.rows("change", subject="todo")[0]
    assert (change["actor"], change["cause"]) == ("app", made["asked"])


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("kind", ["order", "prompt", "job", "macro", "refused", "skip"])
def test_it_is_done_once_wherever_the_process_is_killed(tmp_path, kind, answered):
    for dies in count(1):
        bench = Bench(Store(tmp_path / f"{dies}.db", load_apps()))
        kinds = {
            "order": {},
            "prompt": {"kind": "prompt", "prompt": "what is due?"},
            "job": {"kind": "job", "action": {"app": "simulator", "job": "simulate", "arguments": {}}},
            "macro": {"kind": "macro", "action": {"macro": bench.add_macro("bread", "tea")}},
            "refused": {"action": {"verb": "delete", "table": "todo", "id": 99}},
            "skip": {"missed": "skip"},
        }
        bench.add(repeat="FREQ=DAILY", **kinds[kind])
        bench.now = DUE + (HOUR if kind == "skip" else 1)
        try:
            bench.look(client := Client(bench.store, dies, answered=answered))
        except Killed:
            bench.look()
        effects = [
            *bench.titles(),
            *(row["text"] for row in bench.store.rows("message")),
            *(row["app"] for row in bench.store.rows("job")),
        ]
        expected = {"order": ["milk"], "prompt": ["what is due?"], "job": ["simulator"], "refused": [], "skip": []}
        expected["macro"] = ["bread", "tea"]
        assert effects == expected[kind], f"killed at order {dies}"
        assert len(bench.store.rows("conversation")) == (kind == "prompt")
        row = bench.store.rows("schedule")[0]
        assert (row["at"], row["last"]) == ("2026-03-29T02:30", DUE)
        bench.store.connection.close()
        if client.asked < dies:
            return


def test_a_macro_runs_on_the_day_that_it_is_in_the_zone_of_the_schedule(bench):
    key = bench.add(kind="macro", action={"macro": bench.add_macro("{today} {word}"), "word": "tea"})
    bench.now = DUE

    bench.look()

    assert bench.titles() == ["2026-03-28 tea"]
    assert bench.schedule(key)["outcome"] == "Done."


def test_a_macro_that_is_gone_or_whose_rows_are_says_so(bench):
    gone = {"verb": "delete", "table": "todo", "scoped": True, "values": {}}
    gone["row"] = {"id": 99, "title": "tea", "field": "title", "find": "id"}
    macro = bench.add_macro("milk")
    steps = [*bench.store.rows("macro")[0]["steps"], gone]
    bench.store.order("update", "macro", macro, values={"steps": steps})
    first, second = bench.add(kind="macro", action={"macro": macro}), bench.add(kind="macro", action={"macro": 99})
    bench.now = DUE

    bench.look()

    assert bench.schedule(first)["outcome"] == "Done. Left out, because it is gone: “tea” of todo."
    assert bench.schedule(second)["outcome"] == "Not done: Its macro is not there any more. Delete the schedule."
    assert bench.titles() == ["milk"]


def test_an_undo_of_next_times_does_not_bring_back_what_was_done(bench):
    keys = [bench.add(repeat="FREQ=DAILY") for _ in range(2)]
    bench.now = DUE
    bench.look()

    for change in bench.store.rows("change", subject="schedule", verb="update"):
        assert not bench.store.order("undo", "", values={"change": change["id"]}).error
    assert [bench.schedule(key)["next"] for key in keys] == [DUE, DUE]
    bench.look()

    assert bench.titles() == ["milk", "milk"]
    assert [bench.schedule(key)["next"] for key in keys] == [DUE + DAY, DUE + DAY]


@pytest.mark.parametrize(("missed", "done"), [("once", ["milk"]), ("skip", [])])
def test_what_was_missed_for_days_is_done_once_or_skipped(bench, missed, done):
    key = bench.add(repeat="FREQ=DAILY", missed=missed)

    bench.now = DUE + 3 * DAY + HOUR
    bench.look()

    assert bench.titles() == done
    assert bench.schedule(key)["at"] == "2026-04-01T02:30"
    assert bench.schedule(key)["outcome"].startswith("Done." if done else "Skipped: it was missed at 28 Mar 2026")


def test_clocks_that_jump_for_hours_and_days_let_each_time_come_once(bench):
    bench.add(repeat="FREQ=DAILY")

    for now in (DUE, DUE - HOUR, DUE - 2 * DAY, DUE + 1, DUE + DAY, DUE + DAY - HOUR, DUE + DAY + 1, DUE):
        bench.now = now
        bench.look()

    assert bench.titles() == ["milk", "milk"]


def test_what_is_refused_says_why_and_the_schedule_goes_on(bench):
    key = bench.add(repeat="FREQ=DAILY", action={"verb": "delete", "table": "todo", "id": 99})
    bench.now = DUE

    bench.look()

    row = bench.schedule(key)
    assert (row["outcome"], row["next"]) == ("Not done: There is no todo with id 99 (any more).", DUE + DAY)


def test_a_zone_that_is_not_known_any_more_switches_it_off(bench):
    key = bench.add(zone="Atlantis/Capital")
    bench.now = DUE

    bench.look()

    assert bench.schedule(key)["state"] == "off"
    assert bench.schedule(key)["outcome"].startswith("Switched off: `zone` is 'Atlantis/Capital'")


def test_many_that_are_due_together_are_all_done(bench):
    for number in range(250):
        bench.add(**adding(str(number)))
    bench.now = DUE

    bench.look()

    assert sorted(map(int, bench.titles())) == list(range(250))


def test_a_clock_that_is_set_is_noticed_within_seconds(bench):
    bench.add()

    async def wait() -> float:
        client = Client(bench.store)
        timer = Timer(client, Carrier(bench.ear, client, lambda: bench.now), print, lambda: bench.now)
        running = asyncio.create_task(timer.run())
        await asyncio.sleep(0)
        began, bench.now = time.monotonic(), DUE + 5
        while not bench.titles():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        running.cancel()
        return time.monotonic() - began

    assert run_apart(wait()) < 5


def test_each_is_done_once_while_store_and_jobs_are_killed():
    with System() as system:
        system.start("broker", "store", "jobs")
        begin = time.time() + 1

        async def add(guest) -> None:
            for number in range(40):
                values = {"title": "one", "at": "2030-01-01T09:00", "zone": "UTC", "next": begin + number / 10}
                values |= adding(str(number))
                await ask_store(guest.bus, StoreOrder(verb="insert", table="schedule", values=values), id=new_id())

        system.visit(add)
        for name in ("jobs", "store", "jobs", "store", "jobs"):
            time.sleep(0.5)
            system.kill(name)
            system.start(name)

        async def titles(guest) -> list[str]:
            while True:
                schedules = await ask_store(guest.bus, StoreOrder(verb="list", table="schedule", where={"state": "on"}))
                if not schedules.rows:
                    break
                await asyncio.sleep(0.1)
            return [row["title"] for row in (await ask_store(guest.bus, StoreOrder(verb="list", table="todo"))).rows]

        assert sorted(map(int, system.visit(titles))) == list(range(40))


def test_ten_thousand_schedules_cost_less_than_a_hundredth_of_a_core_while_nothing_is_due():
    with System() as system:
        system.start("broker", "store", "jobs")

        async def add(guest) -> None:
            values = {"title": "one", "at": "2030-01-01T09:00", "zone": "UTC", "repeat": "FREQ=DAILY", **adding("milk")}
            orders = [{"verb": "insert", "table": "schedule", "values": values}] * 1_000
            for _ in range(10):
                batch = StoreOrder(verb="batch", table="schedule", values={"orders": orders})
                await ask_store(guest.bus, batch, id=new_id(), seconds=PATIENCE_SECONDS)

        system.visit(add)
        settled = cpu_seconds(system)
        while (now := cpu_seconds(system)) != settled:  # the facts of the rows are heard, the last question is answered
            time.sleep(1)
            settled = now
        time.sleep(10)

        # both beat every 2 s, which is most of it
        assert cpu_seconds(system) - settled < 0.1 * 2


def cpu_seconds(system: System) -> float:
    """Return the processor time that jobs and the store have used."""
    ticks = 0
    for name in ("jobs", "store"):
        fields = Path(f"/proc/{system.processes[name].pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def test_a_store_that_refuses_what_it_must_not_does_not_end_the_process(bench):
    class Broken(Client):
        async def list(self, *_: object, **__: object) -> list[dict]:
            raise Refused("failed", "The store failed at this order.")

    warned: list[str] = []

    async def run() -> None:
        client = Broken(bench.store)
        timer = Timer(client, Carrier(bench.ear, client), warned.append)
        running = asyncio.create_task(timer.run())
        while not warned:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert not running.done()
        running.cancel()

    run_apart(run())
    assert "tried again in a minute: The store failed at this order." in warned[0]


# --- from the terminal ---


def at(system: System, *words: str) -> subprocess.CompletedProcess[str]:
    return pianola(system, "at", *words)


def test_pianola_at_adds_a_schedule_and_says_when():
    with System() as system:
        system.start("broker", "store")

        said = at(system, "every Monday 9:00", "what is due?", "--skip")

        assert said.returncode == 0, said.stderr
        assert re.match(
            r"“what is due\?” is asked on Mon \d\d \w+ \d{4} at 09:00, and again every Monday\.\n", said.stdout
        )

        async def look(guest) -> dict:
            return (await ask_store(guest.bus, StoreOrder(verb="list", table="schedule"))).rows[0]

        row = system.visit(look)
        assert (row["kind"], row["prompt"], row["missed"], row["state"]) == ("prompt", "what is due?", "skip", "on")


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        ("every second", "comes more than once a day"),
        ("9999-12-31 23:59", "lies in the year 9999"),
        ("yesterday 8:00", "has passed"),
        ("when pigs fly", "is no time that is understood"),
    ],
)
def test_pianola_at_refuses_a_time_that_cannot_be_with_a_sentence(one_system, when, problem):
    said = at(one_system, when, "what is due?")

    assert said.returncode == 3
    assert problem in said.stderr
    assert "Traceback" not in said.stderr


@pytest.fixture(scope="module")
def one_system():
    with System() as system:
        system.start("broker", "store")
        yield system
