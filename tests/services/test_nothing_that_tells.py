"""Nothing that only tells can stop what works: a full disk, a closed output, removed files of the bus."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import msgpack
import pytest

from bus.bus import Bus, new_id
from bus.errors import PianolaError
from bus.messages import LlmToken, StoreOrder
from bus.store_client import ask_store
from tests.support.launched import Launched
from tests.support.needs import needs
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import PATIENCE_SECONDS, ROOT, run_apart

COMMAND = [sys.executable, "-m", "services.cli.main"]
SMALL = "6m"
"""Size of the small disk."""


@pytest.fixture(scope="module")
def small_disk() -> Iterator[Path]:
    """A file system of a few MB."""
    place = Path(tempfile.mkdtemp(prefix="p.", dir="/tmp"))
    mounted = os.geteuid() == 0 and shutil.which("mount") is not None
    if mounted:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)], check=False)
        mounted = done.returncode == 0
    try:
        needs(mounted, "no small file system can be mounted here: that needs root")
        yield place
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture(scope="module")
def launched(small_disk: Path, ollama: OllamaDouble) -> Iterator[Launched]:
    with Launched(ollama.url, small_disk) as launched:
        yield launched


def until(condition: Callable[[], object], launched: Launched) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{launched.health()}\n{launched.printed()}"
        time.sleep(0.05)  # files and processes send no message


async def order(launched: Launched, verb: str, table: str, **fields: object) -> list[dict]:
    """Order something of the store, as a visitor."""
    bus = Bus("visitor", launched.settings, lambda _text, _error: None)
    bus.connect()
    try:
        await bus.greet(PATIENCE_SECONDS)
        return list((await ask_store(bus, StoreOrder(verb=verb, table=table, **fields), id=new_id())).rows)
    finally:
        bus.close()


async def write_until_refused(launched: Launched) -> None:
    """Write rows: the database may have some room left inside its files."""
    for _ in range(200):
        await order(launched, "insert", "todo", values={"title": "x" * 500})


def upload(launched: Launched) -> tuple[int, str]:
    """Upload a file for an import, as a script does; return the status and the sentence of the answer."""
    headers = {"Authorization": f"Bearer {launched.settings.token_file.read_text().strip()}"}
    connection = HTTPConnection("127.0.0.1", launched.port, timeout=PATIENCE_SECONDS)
    with closing(connection):
        connection.request("POST", "/import/todo?file=x.csv", "title\n" + "milk\n" * 5_000, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def fill(place: Path) -> Path:
    """Write a file until not a byte more fits, not even into the last blocks of the logs."""
    filler = place / "filler"
    for file in (filler, *(place / "logs").iterdir()):
        with file.open("ab", buffering=0) as opened, suppress(OSError):
            for size in (65_536, 4_096, 512, 1):
                with suppress(OSError):
                    while opened.write(b"x" * size) == size:
                        pass
    return filler


def test_on_a_full_disk_everything_goes_on_and_is_whole_when_there_is_room(
    launched: Launched, small_disk: Path, ollama: OllamaDouble
):
    supervisord = int((launched.settings.run / "supervisord.pid").read_text())
    ollama.play(speech("word " * 120, rate=40))

    async def in_mid_answer() -> None:
        bus = Bus("visitor", launched.settings, lambda _text, _error: None)
        begun = asyncio.Event()
        bus.hear(LlmToken, lambda _heard: begun.set())
        bus.connect()
        await bus.greet(PATIENCE_SECONDS)
        (talk,) = (await ask_store(bus, StoreOrder(verb="insert", table="conversation", values={"title": "x"}))).rows
        values = {"conversation": talk["id"], "role": "user", "text": "go on"}
        await ask_store(bus, StoreOrder(verb="insert", table="message", values=values))
        await begun.wait()
        fill(small_disk)
        for _ in range(3):  # each process warns of it, and supervisord has to write that down
            bus._pub.send_multipart([b"store.order/todo", msgpack.packb({}), b"\xc1"])
            bus._pub.send_multipart([b"service.changed/x", msgpack.packb({}), b"\xc1"])
        bus.close()

    run_apart(in_mid_answer())
    filler = small_disk / "filler"
    before = launched.wait_ready()
    for _ in range(3):
        restarted = launched.kill("logger") | launched.kill("agent")
        now = launched.wait_ready(restarted)
    with pytest.raises(PianolaError, match="disk is full"):
        run_apart(write_until_refused(launched))
    fill(small_disk)
    status, sentence = upload(launched)
    assert status == 507
    assert "could not be kept for the import: No space left on device" in sentence

    filler.unlink()

    (row,) = run_apart(order(launched, "insert", "todo", values={"title": "there is room"}))
    assert row["title"] == "there is room"
    assert {name: now[name] for name in before if name not in restarted} == {
        name: before[name] for name in before if name not in restarted
    }
    assert int((launched.settings.run / "supervisord.pid").read_text()) == supervisord
    launched.wait_ready(launched.kill("llm_worker"))
    log = launched.settings.logs / "supervisord.log"
    until(lambda: "exited: llm_worker" in log.read_text(errors="replace"), launched)
    until(lambda: (launched.settings.logs / "bus.log").read_text(errors="replace").count("there is room"), launched)


def test_files_of_the_bus_that_somebody_removes_come_back(launched: Launched):
    files = [launched.settings.run / name for name in ("publish", "subscribe", "supervisor.sock")]
    inodes = [file.stat().st_ino for file in files]
    for file in files:
        file.unlink()

    launched.wait_ready(launched.kill("web"))

    until(lambda: all(file.exists() for file in files), launched)
    assert [file.stat().st_ino for file in files] != inodes

    def states() -> set[str]:
        status = subprocess.run(
            [*COMMAND, "status", "--json"], cwd=ROOT, env=launched.environment, capture_output=True, check=False
        )
        return {one["state"] for one in json.loads(status.stdout)["processes"]}

    until(lambda: states() == {"ready"}, launched)  # the processes connect again, each in its time
    assert run_apart(order(launched, "list", "setting"))


def test_tail_ends_when_its_reader_is_gone(launched: Launched):
    tail = subprocess.Popen(
        [*COMMAND, "tail", "bus.counted"], cwd=ROOT, env=launched.environment, stdout=subprocess.PIPE
    )
    assert tail.stdout
    assert b"bus.counted" in tail.stdout.readline()
    tail.stdout.close()
    assert tail.wait(PATIENCE_SECONDS) == 141


def test_too_few_open_files_are_refused_with_a_sentence(tmp_path: Path):
    script = 'ulimit -n 64; exec "$@"'
    environment = os.environ | {"PIANOLA_HOME": str(tmp_path)}
    refused = subprocess.run(
        ["sh", "-c", script, "sh", *COMMAND, "up"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert refused.returncode == 3
    assert b"Only 64 open files are allowed" in refused.stderr
    assert not (tmp_path / "run" / "supervisord.pid").exists()


def test_an_output_without_our_letters_gets_others():
    words = "'\\u201cMilk\\u201d \\u2026 \\xe9 \\u4e2d'"
    script = f"from bus.text.console import *; open_outputs(); print_line({words})"
    environment = os.environ | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "LANG": "C"}
    for more, expected in (
        ({}, b'"Milk" ... \\xe9 \\u4e2d\n'),
        ({"PYTHONIOENCODING": "latin-1"}, b'"Milk" ... \xe9 \\u4e2d\n'),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment | more, capture_output=True, check=True
        )
        assert done.stdout == expected


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_whose_outputs_are_closed_starts_others_that_print(tmp_path: Path, closed: str):
    environment = os.environ | {"PIANOLA_HOME": str(tmp_path)}
    listed = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, "backups"], cwd=ROOT, env=environment, check=False
    )
    assert listed.returncode == 0


def test_it_runs_and_stops_with_all_outputs_closed():
    class Closed(Launched):
        def __enter__(self) -> "Closed":
            self._printed = Path(os.devnull).open("rb")
            command = ["sh", "-c", 'exec "$@" >&- 2>&- <&-', "sh", *COMMAND, "up", "--no-browser"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment)
            self.wait_ready()
            return self

        def printed(self) -> str:
            return ""

    with Closed():
        pass  # it must leave with exit code 0
