"""A player of our own gets into Ollama: joined with its weights here, sent, and nothing is left behind."""

import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from io import BytesIO
from pathlib import Path

import pytest

from bus.messages import LlmListed, LlmPull, LlmPulled, ServiceAsked
from bus.settings import Settings
from bus.wire import Envelope
from llm_worker import offers
from llm_worker.contract import OLLAMA, About, Patience, Pulled
from llm_worker.embedded.gguf import read_header
from llm_worker.http import Connection
from llm_worker.merge import installed
from llm_worker.ollama import importing
from llm_worker.ollama.importing import STOP, TEMPLATE, PlayerImport, player_named
from llm_worker.problems import DownloadFailed, MergeMissing, PullFailed, ServerProblem
from tests.support.needs import needs
from tests.support.ollama_double import Line, OllamaDouble
from tests.support.real_engine import put_player
from tests.support.small_player import CHANGED, KEPT, SmallPlayer, make_small_player
from tests.support.system import Guest, System, run_apart

LARGE = 40_000
"""Rows of a matrix: some megabytes, so that there is something to stop."""


@pytest.fixture(autouse=True)
def _merging() -> None:
    needs(installed(), "no gguf: run `make players`")


@pytest.fixture
def small(tmp_path: Path) -> SmallPlayer:
    return make_small_player(tmp_path / "players")


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    with OllamaDouble() as started:
        yield started


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def here(settings: Settings, small: SmallPlayer) -> Path:
    """Put the base where an earlier import has got it; return its folder."""
    folder = settings.home / "models" / ".for-ollama"
    folder.mkdir(parents=True)
    shutil.copyfile(small.base, folder / small.base.name)
    return folder


async def importing_into(address: str, small: SmallPlayer, settings: Settings) -> AsyncGenerator[Pulled, None]:
    """Yield how far an import is."""
    about = About(OLLAMA, "ollama", address, local=True)
    connection = Connection(about, lambda: "", Patience(60, 60))
    try:
        async with aclosing(PlayerImport(small.card, settings, about, connection).run()) as states:
            async for state in states:
                yield state
    finally:
        await connection.close()


def put(small: SmallPlayer, settings: Settings, double: OllamaDouble) -> list[Pulled]:
    """Import a player; return what was said meanwhile."""

    async def run() -> list[Pulled]:
        return [state async for state in importing_into(double.url, small, settings)]

    return run_apart(run())


def left(settings: Settings) -> list[str]:
    """Return the files in the folder of models."""
    return sorted(one.name for one in (settings.home / "models").rglob("*") if one.is_file())


# --- joining ---


def test_what_the_adapter_changes_is_added_and_all_else_is_copied(small: SmallPlayer, tmp_path: Path) -> None:
    import numpy as np
    from gguf import GGUFReader

    from llm_worker.merge.weights import Adapter, merge, numbers

    target, told = BytesIO(), []
    size, _sha256 = merge(small.base, small.card.adapter_path, target, lambda *amounts: told.append(amounts))
    joined = tmp_path / "joined.gguf"
    joined.write_bytes(target.getvalue())
    before, after = ({one.name: one for one in GGUFReader(file).tensors} for file in (small.base, joined))
    wanted = numbers(before[CHANGED]) + Adapter(small.card.adapter_path).change_of(CHANGED)

    assert np.allclose(numbers(after[CHANGED]), wanted, atol=np.abs(wanted).max() / 127)
    assert not np.allclose(numbers(before[CHANGED]), wanted, atol=0.5)
    assert np.array_equal(after[KEPT].data, before[KEPT].data)
    assert read_header(joined).parameters == read_header(small.base).parameters
    assert told[-1] == (size, size) == (joined.stat().st_size,) * 2


def test_an_adapter_of_other_weights_is_told(tmp_path: Path, settings: Settings, double: OllamaDouble) -> None:
    small = make_small_player(tmp_path / "players", changes="blk.9.ffn_up.weight")
    here(settings, small)

    with pytest.raises(
        DownloadFailed, match=r"A small player could not be got.*changes blk\.9\.ffn_up\.weight"
    ) as told:
        put(small, settings, double)

    assert "Then try again." in str(told.value)
    assert left(settings) == ["small-base.gguf"]
    assert not double.blobs


def test_without_room_on_the_disk_nothing_is_begun(
    small: SmallPlayer, settings: Settings, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    here(settings, small)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 50_000_000))

    with pytest.raises(DownloadFailed, match="are needed for a moment, and 50 MB are free"):
        put(small, settings, double)


# --- importing ---


def test_ollama_gets_one_file_and_is_told_how_messages_are_written(
    small: SmallPlayer, settings: Settings, double: OllamaDouble
) -> None:
    here(settings, small)

    said = put(small, settings, double)

    (asked,) = double.creations
    ((digest, size),) = double.blobs.items()
    assert asked["files"] == {"small.gguf": digest}
    assert (asked["model"], asked["template"], asked["parameters"]) == ("small", TEMPLATE, {"stop": [STOP]})
    assert double.find("small")
    assert (said[-1].done, said[-1].total, said[-1].note) == (size, size, "success")
    assert left(settings) == []  # what was got for this alone is not needed any more
    notes = list(dict.fromkeys(one.note for one in said))
    assert notes[:2] == ["joining model and player", "giving it to Ollama"]


def test_a_file_that_ollama_has_already_is_not_sent_again(
    small: SmallPlayer, settings: Settings, double: OllamaDouble
) -> None:
    for _ in range(2):
        here(settings, small)
        put(small, settings, double)

    assert [path[:9] for path in double.paths if "blobs" in path] == ["HEAD /api", "POST /api", "HEAD /api"]
    assert len(double.creations) == 2


def test_an_ollama_that_refuses_is_told_in_its_own_words(
    small: SmallPlayer, settings: Settings, double: OllamaDouble
) -> None:
    here(settings, small)
    double.answers["/api/create"] = [Line({"status": "parsing GGUF"}), Line({"error": "invalid file magic"})]

    with pytest.raises(PullFailed, match="invalid file magic"):
        put(small, settings, double)

    assert left(settings) == ["small-base.gguf"]


def test_one_that_is_stopped_in_the_middle_leaves_nothing(
    tmp_path: Path, settings: Settings, double: OllamaDouble
) -> None:
    small = make_small_player(tmp_path / "players", rows=LARGE)
    here(settings, small)
    double.hold_blob_at = 100_000

    async def stop() -> None:
        async with aclosing(importing_into(double.url, small, settings)) as states:
            async for state in states:
                if state.note == "giving it to Ollama" and double.taking.is_set():
                    return

    run_apart(stop())
    double.go_on.set()

    assert left(settings) == ["small-base.gguf"]
    assert not double.blobs


KILLED = """
import sys
from pathlib import Path
from tests.llm_worker.ollama.test_importing import importing_into
from tests.support.small_player import SmallPlayer, make_small_player
from bus.settings import Settings
from tests.support.system import run_apart

async def main():
    small = make_small_player(Path(sys.argv[3]), rows=int(sys.argv[4]))
    async for state in importing_into(sys.argv[2], small, Settings(home=Path(sys.argv[1]))):
        print(state.note, flush=True)

run_apart(main())
"""


@pytest.mark.parametrize("moment", ["joining model and player", "giving it to Ollama"])
def test_one_that_is_killed_in_the_middle_leaves_nothing(
    moment: str, tmp_path: Path, settings: Settings, double: OllamaDouble
) -> None:
    small = make_small_player(tmp_path / "players", rows=LARGE)
    here(settings, small)
    double.hold_blob_at = 100_000
    arguments = (str(settings.home), double.url, str(tmp_path / "players"), str(LARGE))

    with subprocess.Popen([sys.executable, "-c", KILLED, *arguments], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        while worker.stdout.readline().strip() != moment:
            assert worker.poll() is None
        worker.send_signal(signal.SIGKILL)
    double.go_on.set()

    assert left(settings) == ["small-base.gguf"]
    assert not double.blobs


# --- what is offered ---


def test_players_are_offered_for_ollama_with_what_they_are_good_at() -> None:
    found = {one.name: one for one in offers.all_offers("https://host.test", 0) if one.server == OLLAMA}
    player = found["pianola-player-0.5b"]

    assert player.title == "Pianola's player 0.5B, for Ollama"
    assert "Good at" in player.about
    assert player_named("pianola-player-0.5b:latest")
    assert player_named("qwen3:4b") is None
    listed = offers.offered("https://host.test", 0, {"pianola-player-0.5b:latest"}, {})
    assert "pianola-player-0.5b" not in {one["name"] for one in listed}


def test_without_the_package_that_joins_them_it_is_said_what_to_do(
    small: SmallPlayer, settings: Settings, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "installed", lambda: False)
    monkeypatch.setattr(offers, "merging_installed", lambda: False)
    problems = {one["name"]: one["problem"] for one in offers.offered("https://host.test", 0, set(), {})}

    assert "make players" in problems["pianola-player-135m"]
    assert not problems["embedded/pianola-player-135m"]
    assert not problems["qwen2.5-coder:0.5b"]
    with pytest.raises(MergeMissing, match="make players"):
        put(small, settings, double)
    assert issubclass(MergeMissing, ServerProblem)


def lists(heard: Envelope, name: str) -> bool:
    """Return whether a message is a list of models with this one."""
    return isinstance(heard.message, LlmListed) and name in {one["name"] for one in heard.message.models}


@pytest.mark.timeout(600)  # seconds on an idle machine
def test_the_smallest_player_is_put_into_ollama_by_the_worker(double: OllamaDouble) -> None:
    with System({"OLLAMA_HOST": double.url}) as system:
        card = put_player(system.settings)
        system.start("broker", "llm_worker")

        async def get(guest: Guest) -> None:
            await guest.bus.ask(LlmPull(model=card.name), card.name)
            is_end = lambda heard: isinstance(heard.message, LlmPulled) and heard.message.state != "running"  # noqa: E731
            end = (await guest.until(is_end, seconds=500)).message
            assert (end.state, end.problem) == ("done", "")
            assert end.done == end.total == next(iter(double.blobs.values()))
            guest.bus.say(ServiceAsked())
            listed: LlmListed = (await guest.until(lambda heard: lists(heard, f"{card.name}:latest"))).message
            (model,) = [one for one in listed.models if one["name"] == f"{card.name}:latest"]
            assert (model["title"], model["form"], model["plays"]) == (card.title, card.form, True)
            assert card.name not in {one["name"] for one in listed.offers}

        system.visit(get)
        assert left(system.settings) == [".known.json", "another-name.gguf"]  # the user's own file stays
