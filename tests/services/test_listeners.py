"""Listeners: programs of the user's that run with the processes, and are restarted with them."""

import json
import os
import signal
import time

import httpx
import pytest

from services.supervise.configuration import configuration_text
from services.supervise.listeners import folder, listeners
from tests.support.command import pianola
from tests.support.launched import Launched
from tests.support.system import PATIENCE_SECONDS, System


@pytest.fixture
def system():
    with System() as system:
        yield system


def test_a_new_listener_is_ten_lines_and_is_found(system):
    said = pianola(system, "new-listener", "weather")
    assert said.returncode == 0, said.stderr

    file = folder(system.settings) / "weather.py"
    assert len([line for line in file.read_text().splitlines() if line]) <= 12
    assert file.stat().st_mode & 0o777 == 0o600
    found = listeners(system.settings)
    assert found == {"listener-weather": "services.listeners weather"}
    assert "-m services.listeners weather\n" in configuration_text(found)


def test_a_listener_is_not_overwritten_and_a_bad_name_is_refused(system):
    assert pianola(system, "new-listener", "one").returncode == 0
    (folder(system.settings) / "one.py").write_text("mine")

    for name, words in (("one", "is there already"), ("../one", "cannot be the name"), ("One", "cannot be the name")):
        said = pianola(system, "new-listener", name)
        assert (said.returncode, words in said.stderr) == (3, True)
    assert (folder(system.settings) / "one.py").read_text() == "mine"


def test_a_file_with_another_name_is_no_listener(system):
    folder(system.settings).mkdir()
    for name in ("a b.py", "x;y.py", "notes.txt", "%s.py", "pianola_bus.py"):
        (folder(system.settings) / name).touch()

    assert listeners(system.settings) == {}


def status(launched):
    said = pianola(launched, "status", "--json")
    return {one["process"]: one for one in json.loads(said.stdout)["processes"]}


def until(launched, holds):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds(now := status(launched).get("listener-weather", {})):
        assert time.monotonic() < deadline, now
        time.sleep(0.2)
    return now


def test_a_listener_runs_with_the_others_and_comes_back_when_it_ends():
    launched = Launched()
    assert pianola(launched, "new-listener", "weather").returncode == 0
    with launched:
        before = until(launched, lambda now: now.get("state") == "ready")
        os.kill(before["pid"], signal.SIGKILL)
        after = until(launched, lambda now: now.get("state") == "ready" and now["pid"] != before["pid"])

        assert after["restarts"] >= 1
        log = launched.home / "logs/listener-weather.log"
        key = pianola(launched, "key", "add", "test").stdout.strip()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "store.changed/todo insert" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            insert(launched, key)
            time.sleep(0.2)


def insert(launched, key):
    body = {"verb": "insert", "table": "todo", "values": {"title": "sun"}}
    address = f"http://127.0.0.1:{launched.port}/orders"
    httpx.post(address, json=body, headers={"Authorization": f"Bearer {key}"}).raise_for_status()
