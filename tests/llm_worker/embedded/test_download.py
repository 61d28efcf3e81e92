"""Downloads of model files, from a host of our own: each ends with the whole right file, or with a sentence."""

import errno
import json
from pathlib import Path

import pytest

from bus.embedded.files import installed
from bus.errors import BadSetting
from bus.messages import LlmListed, LlmPull, LlmPulled, ServiceAsked
from bus.settings import load
from llm_worker.contract import Pulled
from llm_worker.embedded import catalogue, partial
from llm_worker.embedded.download import Download
from llm_worker.offers import FOR_OLLAMA, all_offers, of_card, with_best
from llm_worker.problems import DownloadFailed
from tests.llm_worker.embedded.test_files import gguf
from tests.support.model_host import ModelHost
from tests.support.needs import needs
from tests.support.system import Guest, System, message_of, run_apart

CONTENT = gguf() + bytes(300_000)
NAME = "a model"


def get(host: ModelHost, target: Path, address: str = "", sha256: str = "") -> list[Pulled]:
    """Return what a download said."""

    async def run() -> list[Pulled]:
        one = Download(address or f"{host.url}/lab/resolve/main/x", target, NAME, sha256)
        return [state async for state in one.run()]

    return run_apart(run())


def failure(host: ModelHost, target: Path, address: str = "", sha256: str = "") -> str:
    """Return the sentence with which a download ends."""
    with pytest.raises(DownloadFailed) as told:
        get(host, target, address, sha256)
    return str(told.value)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "one.gguf"


def left(target: Path) -> list[str]:
    """Return the names of the files in the folder of a download."""
    return sorted(file.name for file in target.parent.glob("*"))


def test_a_file_comes_over_redirections_and_its_host_is_named(target: Path):
    with ModelHost(CONTENT, redirections=5) as host:
        said = get(host, target)

    assert target.read_bytes() == CONTENT
    assert left(target) == ["one.gguf"]
    assert (said[-1].done, said[-1].total, said[-1].host) == (len(CONTENT), len(CONTENT), "127.0.0.1")


def test_a_sixth_redirection_is_not_followed(target: Path):
    with ModelHost(CONTENT, redirections=6) as host:
        assert "redirects more than 5 times" in failure(host, target)
        assert len(host.heard) == 6


def test_a_redirection_that_cannot_be_read_is_told(target: Path):
    with ModelHost(CONTENT, leads_to="https://[models") as host:
        assert "could not be got: 127.0.0.1: Invalid" in failure(host, target)


@pytest.mark.parametrize("leads_to", ["http://models.example/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_a_redirection_to_what_is_not_https_is_not_followed(target: Path, leads_to: str):
    with ModelHost(CONTENT, leads_to=leads_to) as host:
        assert f"leads to {leads_to}, which is not https" in failure(host, target)


def test_a_connection_that_ends_is_told_and_the_next_download_goes_on_there(target: Path):
    with ModelHost(CONTENT, break_off_at=100_000) as host:
        assert "Try again: it goes on where it ended" in failure(host, target)
        assert left(target) == ["one.gguf.part", "one.gguf.part.json"]
        come = (target.parent / "one.gguf.part").stat().st_size

        get(host, target)

        assert target.read_bytes() == CONTENT
        assert host.ranges == ["", f"bytes={come}-"]
        assert 0 < come <= 100_000


@pytest.mark.parametrize("ignores_if_range", [False, True])
def test_parts_of_two_different_files_are_never_joined(target: Path, ignores_if_range: bool):
    other = gguf() + bytes(200_000) + b"x" * 100_000
    with ModelHost(CONTENT, break_off_at=100_000) as host:
        failure(host, target)
        host.content, host.etag, host.ignores_if_range = other, '"two"', ignores_if_range

        get(host, target)

    assert target.read_bytes() == other


def test_what_is_longer_than_the_file_is_thrown_away(target: Path):
    with ModelHost(CONTENT) as host:
        target.parent.mkdir()
        (target.parent / "one.gguf.part").write_bytes(CONTENT + b"more")
        (target.parent / "one.gguf.part.json").write_text(json.dumps({"etag": host.etag}))

        get(host, target)

    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("whose", ["the host's", "ours"])
def test_a_wrong_hash_is_told_and_nothing_is_kept(target: Path, whose: str):
    wrong = "0" * 64
    with ModelHost(CONTENT, told_sha256=wrong if whose == "the host's" else "") as host:
        problem = failure(host, target, sha256=wrong if whose == "ours" else "")

    assert wrong in problem
    assert "thrown away" in problem
    assert left(target) == []


def test_a_file_that_is_no_model_is_not_kept(target: Path):
    with ModelHost(b"<!DOCTYPE html>") as host:
        assert "is no GGUF file" in failure(host, target)

    assert left(target) == []


def test_a_disk_without_room_is_told_before_it_begins(target: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(partial, "RESERVE_BYTES", 10**18)
    with ModelHost(CONTENT) as host:
        problem = failure(host, target)

    assert "are still to come" in problem
    assert f"Make room where {target.parent} lies" in problem


def test_a_disk_that_becomes_full_is_told_and_what_came_is_kept(target: Path, monkeypatch: pytest.MonkeyPatch):
    written = partial.PartialFile.write

    def write(file: partial.PartialFile, chunk: bytes) -> None:
        with file.told():
            if file.size:
                raise OSError(errno.ENOSPC, "No space left on device")
        written(file, chunk)

    monkeypatch.setattr(partial.PartialFile, "write", write)
    with ModelHost(CONTENT) as host:
        problem = failure(host, target)

    assert "the disk is full after" in problem
    assert "one.gguf.part" in left(target)


@pytest.mark.parametrize(
    ("address", "problem"),
    [("http://127.0.0.1:9/x", "connection refused"), ("http://models.example/x", "which is not https")],
)
def test_a_host_that_cannot_be_asked_is_told(target: Path, address: str, problem: str):
    with ModelHost(CONTENT) as host:
        assert problem in failure(host, target, address)


def test_a_file_that_is_not_there_is_told(target: Path):
    with ModelHost(CONTENT) as host:
        host.redirections = 0
        host.content = b""
        assert "HTTP 416" in failure(host, target)


def test_only_https_and_this_machine_can_be_the_host(tmp_path: Path):
    home = {"PIANOLA_HOME": str(tmp_path / "home")}

    assert load(home).model_host == "https://huggingface.co"
    assert (
        load({**home, "PIANOLA_MODEL_HOST": "http://127.0.0.1:80/mirror/"}).model_host == "http://127.0.0.1:80/mirror"
    )
    with pytest.raises(BadSetting, match="is not an address of https"):
        load({**home, "PIANOLA_MODEL_HOST": "http://mirror.example"})


# --- offers ---


@pytest.mark.parametrize(("gigabytes", "best"), [(0, "4B"), (16, "4B"), (8, "4B"), (4, "1.5B"), (1.5, "0.5B"), (1, "")])
def test_of_each_server_the_largest_that_fits_is_advised(gigabytes: float, best: str):
    for offers in (list(FOR_OLLAMA), [of_card(card, "https://models.example") for card in catalogue.CARDS]):
        advised = [one for one in with_best(offers, int(gigabytes * 10**9)) if one.best]
        assert [best in one.title for one in advised] == ([True] if best else [])


def test_each_offer_says_where_it_comes_from():
    for one in all_offers("https://models.example", 0):
        assert one.licence == "Apache-2.0"
        assert one.origin
        assert one.plays == ("SmolLM2" not in one.title)
        assert one.address.startswith("https://models.example/") == (one.origin.startswith("models.example/"))
        assert len(one.address) == 0 or one.address.endswith(".gguf")


# --- through the worker ---

CARD = catalogue.CARDS[1]
MODEL = f"embedded/{CARD.name}"


async def pulled(guest: Guest, state: str, after: int = 0) -> LlmPulled:
    return (await guest.until(message_of(LlmPulled, model=MODEL, state=state), after=after)).message


def test_a_model_is_got_from_the_page_cancelled_and_continued():
    needs(installed(), "no xllamacpp: run `make embedded`")
    with ModelHost(CONTENT, hold_at=50_000) as host, System({"PIANOLA_MODEL_HOST": host.url}) as system:
        system.start("broker", "llm_worker")

        async def play(guest: Guest) -> tuple[LlmListed, LlmPulled, LlmListed]:
            guest.bus.say(ServiceAsked())
            before = (await guest.until(lambda heard: isinstance(heard.message, LlmListed))).message
            assert host.heard == []  # nothing is asked before the user asks
            await guest.bus.ask(LlmPull(model=MODEL), MODEL)
            running = (await guest.until(lambda heard: getattr(heard.message, "host", "") == "127.0.0.1")).message
            assert (running.state, running.total) == ("running", len(CONTENT))
            await guest.bus.ask(LlmPull(model=MODEL, cancel=True), MODEL)
            await pulled(guest, "cancelled")
            host.go.set()
            await guest.bus.ask(LlmPull(model=MODEL), MODEL)
            done = await pulled(guest, "done")
            there = lambda heard: isinstance(heard.message, LlmListed) and MODEL in str(heard.message.models)  # noqa: E731
            return before, done, (await guest.until(there)).message

        before, done, after = system.visit(play)

        assert next(one for one in before.offers if one["name"] == MODEL)["problem"] == ""
        assert MODEL not in [one["name"] for one in after.offers]
        assert (done.done, done.host) == (len(CONTENT), "127.0.0.1")
        assert {path for path, _ in host.heard} == {
            f"/{CARD.origin}/resolve/main/{CARD.file}",
            f"/1/{CARD.origin}/resolve/main/{CARD.file}",
        }
        assert (system.home / "models" / CARD.file).read_bytes() == CONTENT


def test_what_is_not_in_the_catalogue_is_not_got():
    with System() as system:
        system.start("broker", "llm_worker")

        async def play(guest: Guest) -> LlmPulled:
            await guest.bus.ask(LlmPull(model="embedded/anything"), "embedded/anything")
            return (await guest.until(message_of(LlmPulled, state="failed"))).message

        problem = system.visit(play).problem

    assert "'anything' is none of the models that can be got for the embedded engine" in problem


def test_what_is_got_for_a_player_is_its_base_and_only_the_one_that_it_was_taught_over():
    needs(installed(), "no xllamacpp: run `make embedded`")
    card = needs(catalogue.PLAYERS, "the adapters of our own players are not here")[0]
    name = f"embedded/{card.name}"
    with ModelHost(CONTENT) as host, System({"PIANOLA_MODEL_HOST": host.url}) as system:
        system.start("broker", "llm_worker")

        async def play(guest: Guest) -> LlmPulled:
            await guest.bus.ask(LlmPull(model=name), name)
            return (await guest.until(message_of(LlmPulled, model=name, state="failed"))).message

        failed = system.visit(play)

    assert f"/{card.origin}/resolve/main/{card.file}" in {path for path, _ in host.heard}
    assert card.sha256 in failed.problem
