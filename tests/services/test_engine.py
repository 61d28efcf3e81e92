"""The embedded engine beside the bus: what `pianola up`, `pianola status` and the supervisor make of it."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bus.embedded.files import EngineState, installed, read_state, state_file, write
from bus.settings import Settings, load
from services.cli import engine
from services.supervise import procfile
from services.supervise.memory import memory_bytes
from tests.support.command import pianola
from tests.support.launched import Launched
from tests.support.needs import needs
from tests.support.system import PATIENCE_SECONDS

WAITING_BYTES = 45_000_000
"""Most that it takes while it waits for a model."""


def until(condition: Callable[[], bool], launched: Launched) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, launched.printed()
        time.sleep(0.05)  # another process changes files, and sends no message


def status_of(launched: Launched) -> str:
    return pianola(launched, "status", "--json").stdout


def test_it_runs_beside_the_bus_is_started_again_and_ends_with_everything_else():
    needs(installed(), "no xllamacpp: run `make embedded`")
    with Launched() as launched:
        until(lambda: read_state(launched.settings).running, launched)
        before = read_state(launched.settings)
        status = json.loads(status_of(launched))
        assert "engine" not in [one["process"] for one in [*status["processes"], *launched.health()["processes"]]]
        assert status["engine"]["state"] == "waiting"
        assert "Engine   installed, without a model" in launched.printed()
        assert not list((launched.settings.run).glob("engine.lock"))
        assert memory_bytes(before.pid) < WAITING_BYTES

        os.kill(before.pid, signal.SIGKILL)
        until(lambda: read_state(launched.settings).pid != before.pid, launched)
        after = read_state(launched.settings)

    assert not EngineState(pid=after.pid).running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"PIANOLA_HOME": str(tmp_path / "home")})


def test_without_its_package_it_is_not_started_and_the_banner_says_how_to_get_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)

    assert not installed()
    assert "engine" not in procfile.beside()
    assert engine.what_is_there(settings) == "not installed; `make embedded` installs it, for models without Ollama"
    assert engine.line(settings).startswith("engine   not installed; `make embedded`")


def test_a_model_file_without_the_package_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    (settings.home / "models").mkdir()
    (settings.home / "models" / "one.gguf").touch()

    assert engine.what_is_there(settings).endswith("; it is needed for one")


def test_with_its_package_it_stands_beside_the_bus(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(procfile, "installed", lambda: True)

    assert procfile.beside()["engine"] == "llm_worker.embedded.engine"
    assert "engine" not in procfile.read()


STATES = {
    "waits for a model": EngineState(pid=os.getpid()),
    "loads one.gguf": EngineState(pid=os.getpid(), state="loading", file="/x/one.gguf"),
    "one.gguf is loaded, window 2,048 tokens": EngineState(
        pid=os.getpid(), state="ready", file="/x/one.gguf", window=2_048, server_pid=os.getpid()
    ),
    "the last model could not be loaded: No.": EngineState(pid=os.getpid(), state="failed", problem="No."),
    "installed, but not running": EngineState(),
}


@pytest.mark.parametrize("words", STATES)
def test_the_status_says_what_it_does(settings: Settings, monkeypatch: pytest.MonkeyPatch, words: str):
    monkeypatch.setattr(engine, "installed", lambda: True)
    write(state_file(settings), STATES[words])

    assert words in engine.line(settings)
