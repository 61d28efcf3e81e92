"""The clients in `clients/`: one file each, for programs that have nothing of Pianola. This one: Python."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.messages import CATALOGUE, LlmToken
from bus.wire import MAX_FRAME_BYTES, VERSION
from clients.pianola_bus import ANSWERS, COUNTERS, Bus, PianolaError
from clients.pianola_bus import LARGEST_FRAME_BYTES as LARGEST
from clients.pianola_bus import VERSION as SPOKEN
from tests.support.system import ROOT, Guest, System

FOLDER = ROOT / "clients"


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as made:
        made.start("broker", "store")
        yield made


@pytest.fixture
def bus(system: System) -> Iterator[Bus]:
    with Bus("stranger", str(system.home)) as made:
        yield made


def test_the_clients_speak_the_version_of_the_bus_and_know_how_orders_are_answered():
    script = (FOLDER / "pianola_bus.mjs").read_text()
    assert (SPOKEN, LARGEST) == (VERSION, MAX_FRAME_BYTES)
    assert f"export const VERSION = {VERSION}" in script
    for kind, topics in ANSWERS.items():
        assert {topic.partition("/")[0] for topic in topics} <= set(CATALOGUE[kind].answers)
        written = ", ".join(f'"{topic.replace("{sender}", "SENDER")}"' for topic in topics)
        assert f'"{kind}": [{written}]' in script
    assert set(ANSWERS) == {kind for kind, one in CATALOGUE.items() if one.receiver} - {"llm.generate"}
    assert all(kind in CATALOGUE for kind in COUNTERS)


def test_it_needs_nothing_but_zmq_and_msgpack():
    text = (FOLDER / "pianola_bus.py").read_text()
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))

    assert imported - set(sys.stdlib_module_names) == {"zmq", "msgpack"}


def test_an_order_is_answered_and_its_fact_is_heard(bus: Bus):
    facts = bus.hear("store.changed/todo", seconds=30)
    answer = bus.ask("store.order", {"verb": "insert", "table": "todo", "values": {"title": "by a stranger"}}, "todo")

    fact = next(facts)
    assert (fact.body["row"], fact.missed) == (answer["rows"][0], 0)


def test_a_refused_order_is_an_error_with_its_code(bus: Bus):
    with pytest.raises(PianolaError, match="There is no table 'nothing'") as refused:
        bus.ask("store.order", {"verb": "list", "table": "nothing"}, "nothing")
    assert refused.value.code == "unknown_table"


def test_an_order_that_nobody_can_read_is_refused_at_once(bus: Bus):
    with pytest.raises(PianolaError) as refused:
        bus.ask("store.order", {"verb": "list"}, "todo")
    assert refused.value.code == "missing_field"


def test_the_same_order_takes_effect_once_also_from_another_run(system: System, bus: Bus):
    fields = {"verb": "insert", "table": "todo", "values": {"title": "once"}}
    first = bus.ask("store.order", fields, "todo", id="once-and-for-all")
    with Bus("stranger", str(system.home)) as later:
        second = later.ask("store.order", fields, "todo", id="once-and-for-all")

    assert first["changes"] == second["changes"]


def test_an_order_waits_for_a_store_that_comes_back(system: System, bus: Bus):
    system.stop("store")
    back = threading.Timer(0.5, system.start, ["store"])
    back.start()
    try:
        assert bus.ask("store.order", {"verb": "list", "table": "todo"}, "todo", seconds=60)["ok"]
    finally:
        back.join()


def test_without_an_answer_it_says_so_in_time(bus: Bus):
    begun = time.monotonic()
    with pytest.raises(PianolaError, match=r"no answer to job\.run/todo within 1 s"):
        bus.ask("job.run", {"app": "todo", "job": "x"}, "todo", seconds=1)
    assert time.monotonic() - begun < 10


def test_messages_that_nobody_asked_for_do_not_end_the_hearing(bus: Bus):
    facts = bus.hear("store.changed/todo", seconds=30)
    bus.say("bus.greeted", {}, bus.sender)  # it comes back first, and is none of those
    bus.say("store.order", {"verb": "insert", "table": "todo", "values": {"title": "behind it"}}, "todo")

    assert next(facts).body["row"]["title"] == "behind it"


def test_lost_tokens_are_counted(system: System, bus: Bus):
    tokens = bus.hear("llm.token/", seconds=30)

    async def say(guest: Guest) -> None:
        for index in (0, 1, 4):
            guest.bus.say(LlmToken(generation="g", index=index, text="x"), 7)
        await guest.bus.greet()

    system.visit(say, "llm_worker")
    assert [next(tokens).missed for _ in range(3)] == [0, 0, 2]


def test_it_goes_on_after_another_broker(system: System, bus: Bus):
    assert bus.ask("store.order", {"verb": "list", "table": "todo"}, "todo")["ok"]
    system.stop("broker")
    system.start("broker")

    assert bus.ask("store.order", {"verb": "list", "table": "todo"}, "todo", seconds=60)["ok"]


def test_nobody_at_home_is_a_sentence(tmp_path: Path):
    with Bus("stranger", str(tmp_path)) as bus, pytest.raises(PianolaError, match=r"Is Pianola running\?"):
        bus.greet(0.2)


def test_a_message_that_would_not_pass_is_refused_before_it_is_sent(bus: Bus):
    with pytest.raises(PianolaError, match="at most 1,048,576 pass"):
        bus.say("log.written", {"level": "info", "text": "x" * (LARGEST + 1)}, "stranger")


@pytest.mark.parametrize("name", ["subscriber.py", "attach/order.py"])
def test_the_examples_work_and_fit_on_a_screen(system: System, name: str):
    example = ROOT / "examples" / name
    assert len(example.read_text().splitlines()) <= 40
    process = subprocess.Popen(
        [sys.executable, str(example)],
        env=system.environment | {"PYTHONPATH": str(FOLDER)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert "bus.counted" in line or "service.changed" in line or "store." in line or "added" in line, line
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_manual_names_every_topic_that_answers_an_order():
    manual = (ROOT / "docs/attach.md").read_text()

    for kind, topics in ANSWERS.items():
        assert all(f"`{topic.replace('{sender}', 'SENDER').rstrip('/')}" in manual for topic in (f"{kind}/", *topics))
