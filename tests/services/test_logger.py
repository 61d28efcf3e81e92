"""Which lines the logger writes, what it folds and leaves out, and what it does when it cannot write."""

import json
import os
import subprocess
import sys
import time

import msgpack
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from bus.gaps import GapDetector
from bus.message_line import format_value, safe
from bus.messages import LlmFinished, LlmToken, LogWritten, StoreChanged, StoreOrder
from bus.wire import Header, encode, topic
from services.logger.formats import JsonFormat
from services.logger.lines import LogLines
from services.logger.log_file import LogFile
from store.cleaner import DONE
from tests.support.system import ROOT, Guest, System, message_of


def frames(message, key="", seq=1, sender="web-1"):
    return encode(message, key, Header(f"{sender}-{seq}", "", sender, seq, time.time()))


def token(index, seq, text="ab"):
    return frames(LlmToken(generation="7.0", index=index, text=text), "3", seq, "llm_worker-1")


def test_tokens_are_folded_into_one_line_per_generation():
    log_lines = LogLines()

    written = [line for index in range(400) for line in log_lines.lines(token(index, index + 1))]
    written += log_lines.lines(
        frames(LlmFinished(generation="7.0", text="ab" * 400, reason="stop"), "3", 401, "llm_worker-1")
    )

    assert len(written) == 2
    assert "llm.token/3" in written[0]
    assert "tokens=400 characters=800" in written[0]
    assert "llm.finished/3" in written[1]


def test_a_gap_in_a_senders_numbers_is_written_down():
    log_lines = LogLines()
    fact = StoreChanged(table="todo", verb="insert", id=1, row={}, before={}, actor="user", revision=1)
    log_lines.lines(frames(fact, "todo", 1))

    written = log_lines.lines(frames(fact, "todo", 42))

    assert "40 messages missed from web-1" in written[0]
    assert "store.changed/todo" in written[1]


def test_gaps_forget_the_oldest_source_instead_of_growing():
    gaps = GapDetector()

    for number in range(20_000):
        assert gaps.missed(f"stranger-{number}", 5) == 0

    assert len(gaps._last) <= 10_000
    assert gaps.missed("stranger-19999", 8) == 2
    assert gaps.missed("stranger-19999", 7) == 0


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


BODIES = {
    "deep": msgpack.packb({"deep": nested(500)}),
    "shallow": msgpack.packb({"deep": nested(20)}),
    "truncated": b"\x81\xa1a",
    "not a map": msgpack.packb([1, 2, 3]),
    "never used byte": b"\xc1",
    "lying length": b"\xdd\xff\xff\xff\xff",
    "nan": msgpack.packb({"x": float("nan"), "y": float("inf")}),
    "huge integer": msgpack.packb({"x": 2**64 - 1}),
    "bytes": msgpack.packb({"x": b"\x00" * 100_000}),
    "long": msgpack.packb({"x": "y" * 100_000, "z": list(range(10_000))}),
    "escapes": msgpack.packb({"x": "\x1b[2J\r\n\x07\u202e\u2028"}),
    "extension": msgpack.packb({"x": msgpack.ExtType(5, b"abc")}),
    "timestamp": msgpack.packb({"x": msgpack.Timestamp(1, 2)}),
    "surrogate": b"\x81\xa1x\xa3\xed\xa0\x80",
    "empty": b"",
}
"""Bodies that none of our processes sends."""


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_whatever_is_said_becomes_one_short_printable_line(body):
    header = msgpack.packb(
        {"v": 1, "id": "x", "cause": "", "sender": "y\x1b", "seq": 1, "sent": float("inf"), "until": 0}
    )

    odd = [topic("any.kind\x1b", "key\n"), header, body]
    (line,) = LogLines().lines(odd)
    (as_json,) = LogLines(JsonFormat()).lines(odd)

    assert line.isprintable()
    assert as_json.isprintable()
    assert isinstance(json.loads(as_json, parse_constant=pytest.fail), dict)
    assert max(len(line), len(as_json)) < 2_000


@pytest.mark.parametrize(
    "odd", [[], [b""], [b"a/b"], [b"\xff/", b"", b""], [b"a/b"] * 4, [b"no slash", b"\x80", b"\x80"]]
)
def test_wrong_frames_become_a_line_that_says_so(odd):
    (line,) = LogLines().lines(odd)

    assert "bad message" in line


def test_shown_values_are_shortened():
    assert format_value({"a": [1, "two", b"three"]}) == '{a: [1, "two", <5 bytes>]}'
    assert format_value([[[[["deep"]]]]]) == "[[[[… 1]]]]"
    assert safe("x" * 100) == "x" * 80 + "… (100 characters)"


def test_the_file_rotates_and_stays_private(tmp_path):
    log_file = LogFile(tmp_path / "bus.log", largest_bytes=1_000, kept=2)

    for number in range(100):
        log_file.write([f"line {number} " + "x" * 90])
    log_file.close()

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["bus.log", "bus.log.1", "bus.log.2"]
    assert all(file.stat().st_size <= 1_000 and file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert "line 99" in (tmp_path / "bus.log").read_text()


def test_lines_that_cannot_be_written_are_counted_and_the_count_is_written_later(tmp_path):
    blocked = tmp_path / "logs"
    blocked.write_text("a file where the folder should be")
    log_file = LogFile(blocked / "bus.log")

    log_file.write(["one", "two"])
    log_file.write(["three"])
    assert log_file.lost == 3
    blocked.unlink()
    blocked.mkdir()
    log_file.write(["four"])
    log_file.close()

    first, second = (blocked / "bus.log").read_text().splitlines()
    assert "3 lines lost" in first
    assert second == "four"


def test_a_full_disk_leaves_no_half_lines(tmp_path):
    """A limit on the size of a file takes the place of a full disk. It is set in a process of its own."""
    program = (
        "import resource, sys; from pathlib import Path; from services.logger.log_file import LogFile\n"
        f"log_file = LogFile(Path({str(tmp_path / 'bus.log')!r}))\n"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (250, hard))\n"
        "[log_file.write(['x' * 99]) for _ in range(5)]\n"
        "lost = log_file.lost\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        "log_file.write(['end']); sys.exit(0 if lost == 3 else lost)"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)

    assert done.returncode == 0
    lines = (tmp_path / "bus.log").read_text().splitlines()
    assert [len(line) for line in lines[:2]] == [99, 99]
    assert "3 lines lost" in lines[2]
    assert lines[3] == "end"


def test_the_real_logger_writes_what_is_said_and_leaves_with_success():
    with System() as system:
        system.start("broker", "logger")

        async def play(guest):
            fact = StoreChanged(
                table="todo", verb="insert", id=9, row={"title": "milk"}, before={}, actor="user", revision=1
            )
            guest.bus.say(fact, "todo")
            await guest.bus.greet(60)

        system.visit(play)
        log = system.settings.logs / "bus.log"
        deadline = time.monotonic() + 60
        while "milk" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        assert log.stat().st_mode & 0o777 == 0o600
        system.stop("logger", "broker")


def test_the_example_subscriber_prints_what_is_said_in_at_most_twelve_lines():
    example = ROOT / "examples" / "subscriber.py"
    assert len(example.read_text().splitlines()) <= 12
    with System() as system:
        system.start("broker")
        subscriber = subprocess.Popen(
            [sys.executable, str(example)], env=system.environment, stdout=subprocess.PIPE, text=True
        )
        try:

            async def play(guest):
                await guest.bus.greet(60)

            system.visit(play)
            # greetings are repeated until one comes back; the broker's beat is among the first lines behind them
            assert any("service.changed/broker" in subscriber.stdout.readline() for _ in range(200))
        finally:
            subscriber.kill()
            subscriber.wait()
            subscriber.stdout.close()


@pytest.mark.parametrize("of_system", [MacOS, Unix])
@pytest.mark.parametrize("data_folder", ["", "/tmp/data"], ids=["by default", "in a chosen folder"])
def test_the_example_subscriber_finds_the_home_where_the_product_does(monkeypatch, of_system, data_folder):
    monkeypatch.setenv("XDG_DATA_HOME", data_folder)
    monkeypatch.delenv("PIANOLA_HOME", raising=False)
    monkeypatch.setattr(os, "uname", lambda: ("Darwin" if of_system is MacOS else "Linux", "", "", "", ""))
    line = next(line for line in (ROOT / "examples" / "subscriber.py").read_text().splitlines() if "base =" in line)

    found = {}
    exec(f"from os import environ, path, uname\n{line}", found)

    assert os.path.expanduser(f"{found['base']}/pianola") == of_system("pianola").user_data_dir


def test_as_json_each_line_is_an_object_also_after_something_was_deleted_for_good():
    secret = "a word that must go"

    async def play(guest: Guest) -> None:
        add = StoreOrder(verb="insert", table="todo", values={"title": secret, "profile": 1})
        row = (await guest.bus.ask(add, "todo")).message.rows[0]["id"]
        guest.bus.say(LlmToken(generation="7.0", index=0, text=secret), "3")
        guest.bus.say(LlmFinished(generation="7.0", text=secret, reason="stop"), "3")
        await guest.bus.ask(StoreOrder(verb="erase", table="todo", id=row), "todo")
        await guest.until(message_of(LogWritten, text=DONE))

    with System({"PIANOLA_LOG_FORMAT": "json"}) as system:
        system.start("broker", "store", "logger")
        system.visit(play)
        system.stop("logger")
        text = (system.settings.logs / "bus.log").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        printed = [json.loads(line) for line in system.output("store").splitlines()]

    assert secret not in text
    kinds = [line["kind"] for line in lines]
    assert {"store.order", "store.changed", "llm.token", "llm.finished", "service.changed"} <= set(kinds)
    assert all(line["key"] == "3" for line in lines if line["kind"].startswith("llm."))
    assert next(line for line in lines if line["kind"] == "service.changed")["fields"]["state"] == "ready"
    assert {"process": "store", "level": "info", "text": DONE}.items() <= printed[-1].items()
