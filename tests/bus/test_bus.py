"""The bus under faults and attacks, with a real broker, real processes, and sockets that misbehave."""

import asyncio
import itertools
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgpack
import pytest
import zmq

from bus.bus import Bus
from bus.errors import EXIT_REFUSED, NoAnswer, NoBroker
from bus.messages import CATALOGUE, BusCounted, BusOverflowed, BusRefused, LlmToken, StoreOrder, UiActed
from bus.wire import MAX_FRAME_BYTES, Header, encode
from tests.support.needs import needs
from tests.support.system import ROOT, Guest, System, message_of, run_apart

ORDER = StoreOrder(verb="list", table="todo")


@pytest.fixture
def system() -> Iterator[System]:
    with System() as system:
        system.start("broker")
        yield system


@pytest.fixture
def publisher(system: System) -> Iterator[zmq.Socket[bytes]]:
    """A plain PUB socket, as an outsider would use it, already connected."""
    with zmq.Context() as context, context.socket(zmq.PUB) as socket:
        socket.linger, socket.sndhwm = 1000, 200_000
        socket.connect(system.settings.publish_endpoint)
        socket.poll(100, zmq.POLLOUT)
        yield socket


def token(index: int, text: str = "x") -> list[bytes]:
    header = Header(f"s-{index}", "", "stranger-1", index + 1, time.time())
    return encode(LlmToken(generation="1.1", index=index, text=text), "1", header)


async def hear_stranger(guest: Guest, publisher: zmq.Socket[bytes]) -> None:
    """Publish as the outsider until a message arrives: from then on every message arrives."""
    heard = len(guest.heard)
    while len(guest.heard) == heard:
        publisher.send_multipart(encode(UiActed(app="x", action="hello"), "x", Header("h", "", "stranger-1", 0, 1.0)))
        await asyncio.sleep(0.01)


def memory(pid: int) -> int:
    """Resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


# --- the broker's role ---


def test_a_second_broker_refuses_and_the_first_goes_on(system: System):
    first = system.processes["broker"]
    second = system.launch("broker")

    assert second.wait(60) == EXIT_REFUSED
    assert f"already running (process {first.pid}" in system.output("broker")
    system.processes["broker"] = first

    async def both_directions(guest: Guest) -> None:
        guest.bus.say(UiActed(app="todo", action="opened"), "todo")
        await guest.until(message_of(UiActed, action="opened"))

    system.visit(both_directions)


def test_without_a_broker_a_visitor_is_told_after_a_while(system: System):
    system.stop("broker")

    async def visit() -> None:
        bus = Bus("visitor", system.settings, lambda _text, _error: None)
        bus.connect()
        try:
            await bus.greet(0.3)
        finally:
            bus.close()

    with pytest.raises(NoBroker, match="is the broker running"):
        run_apart(visit())


@pytest.mark.parametrize("order", list(itertools.permutations(("broker", "store", "logger"))))
def test_processes_start_in_any_order(order: tuple[str, ...]):
    with System() as system:
        for name in order:
            system.launch(name)
        for name in order:
            system.wait_ready(name)


def test_the_broker_leaves_on_sigterm_under_load(system: System, publisher: zmq.Socket[bytes]):
    frames = token(0)
    system.processes["broker"].terminate()
    deadline = time.monotonic() + 60
    while system.processes["broker"].poll() is None:
        for _ in range(100):
            publisher.send_multipart(frames)
        assert time.monotonic() < deadline

    assert system.processes.pop("broker").returncode == 0


def test_a_new_broker_is_noticed_and_orders_reach_their_answer(system: System):
    system.start("store")

    async def work(guest: Guest) -> None:
        back = asyncio.Event()
        guest.bus.on_reconnected = back.set
        system.kill("broker")
        asked = asyncio.create_task(guest.bus.ask(ORDER, "todo"))
        system.launch("broker")
        await asyncio.wait_for(back.wait(), 60)

        assert (await asked).message.ok

    system.visit(work)


def test_a_process_that_pauses_between_batches_hears_all_in_order(system: System):
    said = [LlmToken(generation="1.1", index=index, text="la ") for index in range(200)]
    said[100:100] = [UiActed(app="todo", action="opened")]

    async def listen(guest: Guest) -> None:
        guest.bus.pause_between_batches(0.01, LlmToken)
        for message in said:
            guest.bus.say(message)
            await asyncio.sleep(0)
        await guest.until(message_of(LlmToken, index=199))
        assert [heard.message for heard in guest.heard if heard.message in said] == said

    system.visit(listen)


def test_an_order_that_nobody_answers_ends_with_a_sentence(system: System):
    async def work(guest: Guest) -> None:
        with pytest.raises(NoAnswer, match="store gave no answer to"):
            await guest.bus.ask(ORDER, "todo", seconds=0.6)
        await guest.until(lambda _: len(guest.all(StoreOrder)) >= 2)  # sent by now, but perhaps not yet back
        attempts = [heard.header for heard in guest.heard if isinstance(heard.message, StoreOrder)]

        assert len(attempts) in (2, 3)
        assert len({header.id for header in attempts}) == 1
        assert all(header.until > 0 for header in attempts)

    system.visit(work)


# --- strangers ---


def test_messages_that_break_the_contract_are_dropped_and_counted(system: System, publisher: zmq.Socket[bytes]):
    async def work(guest: Guest) -> None:
        await hear_stranger(guest, publisher)
        for frames in (
            [b""],
            [b"x"],
            [b"llm.token/1", b"", b"", b"fourth"],
            [b"y"] * 50_000,
            [b"t" * 1_000_000, b"", b""],
            [b"no-slash", b"", b""],
        ):
            publisher.send_multipart(frames)
        publisher.send_multipart(token(0))
        await guest.until(message_of(LlmToken, index=0))
        refused = await guest.until(message_of(BusRefused, refused=6))
        counted = await guest.until(message_of(BusCounted, refused=6))

        assert "not `kind/key`" in refused.message.reason
        assert counted.message.run

    system.visit(work)


@pytest.mark.parametrize("excess", [1, 100_000_000 - MAX_FRAME_BYTES])
def test_a_sender_of_too_large_frames_is_disconnected_and_nobody_else(
    system: System, publisher: zmq.Socket[bytes], excess: int
):
    async def work(guest: Guest) -> None:
        guest.bus.say(LlmToken(generation="1.1", index=0, text="before"), "1")
        await hear_stranger(guest, publisher)
        publisher.send_multipart([b"llm.token/1", b"x" * (MAX_FRAME_BYTES + excess), b""])
        for index in range(1, 50):
            guest.bus.say(LlmToken(generation="1.1", index=index, text="after"), "1")
        await guest.until(message_of(LlmToken, index=49))
        await hear_stranger(guest, publisher)  # it connects again, and its valid messages arrive

        assert [message.index for message in guest.all(LlmToken)] == list(range(50))

    system.visit(work)


def test_a_frame_of_exactly_the_limit_passes(system: System, publisher: zmq.Socket[bytes]):
    async def work(guest: Guest) -> None:
        await hear_stranger(guest, publisher)
        topic, header, body = token(0)
        padding = MAX_FRAME_BYTES - len(token(0, "x" * 70_000)[2]) + 70_000
        body = token(0, "x" * padding)[2]
        assert len(body) == MAX_FRAME_BYTES
        publisher.send_multipart([topic, header, body])
        await guest.until(message_of(LlmToken, index=0))

    system.visit(work)


def strangers_at(path: str, number: int, data: bytes) -> list[socket.socket]:
    made = []
    for _ in range(number):
        stranger = socket.socket(socket.AF_UNIX)
        stranger.connect(path)
        stranger.send(data)
        made.append(stranger)
    return made


def wait_for_descriptors(pid: int, most: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while descriptors(pid) > most:
        assert time.monotonic() < deadline, f"{descriptors(pid)} descriptors, expected {most}"
        time.sleep(0.05)


def test_connections_that_never_finish_their_greeting_are_closed(system: System):
    broker = system.processes["broker"].pid
    before = descriptors(broker)
    path = str(system.settings.run / "publish")
    silent = strangers_at(path, 250, b"") + strangers_at(path, 250, b"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f")

    wait_for_descriptors(broker, before, seconds=20)  # ZeroMQ itself would take 30
    for stranger in silent:
        stranger.close()


def test_connections_that_speak_something_else_do_no_harm_and_leave_nothing(system: System):
    """Bytes that do not begin like ZMTP 2 or 3 count as ZMTP 1, whose greeting has no time limit: these may stay."""
    broker = system.processes["broker"].pid
    before = descriptors(broker)
    path = str(system.settings.run / "publish")
    others = strangers_at(path, 250, b"GET / HTTP/1.1\r\n\r\n") + strangers_at(path, 250, b"\x16\x03\x01" + b"x" * 61)

    async def both_directions(guest: Guest) -> None:
        guest.bus.say(UiActed(app="todo", action="opened"), "todo")
        await guest.until(message_of(UiActed, action="opened"))

    system.visit(both_directions)
    for stranger in others:
        stranger.close()
    wait_for_descriptors(broker, before, seconds=60)


CORPUS = [
    b"",
    b"\xc1",
    b"\x80",
    b"\x81\xa1v\x01",
    b"\xdd\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xc9\xff\xff\xff\xff\x01",
    b"\x81\xa1\xff\x01",
    b"\x81\x01\x01",
    b"\x91" * 1_000 + b"\xc0",
    b"\x81\xa1a" + b"\x91" * 1_000 + b"\xc0",
    msgpack.packb({"generation": "1.1", "index": float("nan"), "text": "x"}),
    msgpack.packb({"generation": 2**64 - 1, "index": -(2**63), "text": b"\xff"}),
    msgpack.packb({"table": "todo", "verb": "insert", "values": {"title": {"a": [msgpack.ExtType(4, b"")]}}}),
    msgpack.packb({"table": "todo", "verb": "insert", "values": {"title": "x", "done": 2**64 - 1}}),
    msgpack.packb({"table": "todo", "verb": "list", "where": {"id": 2**64 - 1}}),
    msgpack.packb({"table": "\x1b[2J", "verb": "get", "id": "\x00"}),
]


def test_no_message_stops_a_process_whatever_it_holds(publisher: zmq.Socket[bytes], system: System):
    others = ("store", "llm_worker", "agent", "web", "logger")
    system.start(*others)
    pids = {name: system.processes[name].pid for name in ("broker", *others)}
    good = encode(ORDER, "", Header("id-9", "", "stranger-1", 1, time.time()))[1]

    async def work(guest: Guest) -> None:
        await hear_stranger(guest, publisher)
        for kind in CATALOGUE:
            for bytes_ in CORPUS:
                publisher.send_multipart([f"{kind}/todo".encode(), good, bytes_])
                publisher.send_multipart([f"{kind}/todo".encode(), bytes_, b"\x80"])
            for key in (b"\x00", b"\xff\xfe", b"\x1b[2J", b"/" * 100, b""):
                publisher.send_multipart([kind.encode() + b"/" + key, good, b"\x80"])
        answer = await guest.bus.ask(ORDER, "todo")

        assert answer.message.ok

    system.visit(work)
    assert {name: system.processes[name].pid for name in pids if system.processes[name].poll() is None} == pids


# --- load ---


def test_a_subscriber_that_never_reads_costs_the_others_nothing(system: System, publisher: zmq.Socket[bytes]):
    with zmq.Context() as context, context.socket(zmq.SUB) as deaf:
        deaf.linger, deaf.rcvhwm = 0, 10
        deaf.subscribe(b"")
        deaf.connect(system.settings.subscribe_endpoint)

        async def work(guest: Guest) -> None:
            await hear_stranger(guest, publisher)
            before = memory(system.processes["broker"].pid)
            for start in range(0, 12_000, 500):
                for index in range(start, start + 500):
                    publisher.send_multipart(token(index, "y" * 400))
                await guest.until(message_of(LlmToken, index=start + 499), after=start)
            await guest.until(lambda heard: isinstance(heard.message, BusOverflowed) and heard.message.episodes >= 1)

            assert [message.index for message in guest.all(LlmToken)] == list(range(12_000))
            assert memory(system.processes["broker"].pid) - before < 50_000_000

        system.visit(work)


FLOOD = """
import sys, time, zmq
from tests.bus.test_bus import token
socket = zmq.Context().socket(zmq.PUB)
socket.connect(sys.argv[1])
until = time.monotonic() + 3
frames = token(0)
while time.monotonic() < until:
    for _ in range(100):
        socket.send_multipart(frames)
socket.close(0)
"""


def test_a_flood_delays_orders_but_loses_none(system: System):
    system.start("store", "logger")
    flood = subprocess.Popen([sys.executable, "-c", FLOOD, system.settings.publish_endpoint], cwd=ROOT)

    async def work(guest: Guest) -> None:
        for number in range(10):
            order = StoreOrder(verb="insert", table="todo", values={"title": f"in the flood {number}"})
            answer = await guest.bus.ask(order, "todo", id=f"flood-{number}", seconds=60)
            assert answer.message.ok
        flood.wait(60)
        rows = (await guest.bus.ask(ORDER, "todo", seconds=60)).message.rows

        assert sorted(row["title"] for row in rows) == sorted(f"in the flood {number}" for number in range(10))

    system.visit(work)
    assert all(memory(process.pid) < 300_000_000 for process in system.processes.values())
    assert flood.returncode == 0


# --- the run directory ---

STRANGER = """
import os, sys, zmq
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sub = zmq.Context().socket(zmq.SUB); sub.subscribe(b""); sub.connect(sys.argv[1])
events = sub.get_monitor_socket()
sys.exit(1 if sub.poll(1500) else 0)
"""


def test_another_user_hears_nothing_even_with_an_open_umask():
    needs(os.geteuid() == 0, "only root can become another user")
    before = os.umask(0)
    try:
        with System() as system:
            system.start("broker", "store")
            modes = {path: stat.S_IMODE(path.stat().st_mode) for path in system.home.rglob("*")}
            stranger = subprocess.run(
                [sys.executable, "-c", STRANGER, system.settings.subscribe_endpoint], check=False, timeout=30
            )
    finally:
        os.umask(before)

    assert stranger.returncode == 0
    assert not {path: oct(mode) for path, mode in modes.items() if mode & 0o077 and path.suffix != ".out"}


def test_an_order_that_arrives_after_its_deadline_is_not_carried_out(system: System):
    system.start("store")

    async def work(guest: Guest) -> None:
        system.signal("broker", signal.SIGSTOP)
        order = StoreOrder(verb="insert", table="todo", values={"title": "late"})
        with pytest.raises(NoAnswer):
            await guest.bus.ask(order, "todo", seconds=0.5)
        system.signal("broker", signal.SIGCONT)
        rows = (await guest.bus.ask(ORDER, "todo", seconds=60)).message.rows

        assert [row for row in rows if row["title"] == "late"] == []

    system.visit(work)
