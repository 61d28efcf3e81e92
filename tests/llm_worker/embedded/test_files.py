"""Model files that cannot be served: each is told in a sentence with its name, the value and the way out."""

import errno
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.embedded.files import EngineState, Wish, read_state, wish_file, write
from bus.messages import LlmFailed, LlmFinished, LlmListed, ServiceAsked
from bus.settings import Settings, load
from llm_worker.embedded import engine
from llm_worker.embedded.gguf import BadGguf, read_header
from llm_worker.embedded.library import Library, read_model_file
from tests.llm_worker.test_worker import generated
from tests.support.real_engine import MODEL, engine_playing, listed, order, put, state_of, weights
from tests.support.system import Guest, System

ARCHITECTURE, CONTEXT, LENGTH = "double", 4_096, 1_000


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def pair(name: str, value: str | int) -> bytes:
    if isinstance(value, str):
        return text(name) + struct.pack("<I", 8) + text(value)
    return text(name) + struct.pack("<II", 4, value)


def gguf(**values: str | int) -> bytes:
    """Return a file with one tensor of `LENGTH` numbers of 32 bits, and these values in its head."""
    known = {
        "general.architecture": ARCHITECTURE,
        f"{ARCHITECTURE}.context_length": CONTEXT,
        f"{ARCHITECTURE}.block_count": 2,
        f"{ARCHITECTURE}.embedding_length": 64,
        f"{ARCHITECTURE}.attention.head_count": 4,
        f"{ARCHITECTURE}.attention.head_count_kv": 2,
    } | values
    pairs = b"".join(pair(name, value) for name, value in known.items())
    tensor = text("weights") + struct.pack("<IQIQ", 1, LENGTH, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(known)) + pairs + tensor
    return head + bytes(-len(head) % 32) + bytes(4 * LENGTH)


def test_a_file_says_what_its_model_needs(tmp_path: Path):
    (tmp_path / "one.gguf").write_bytes(gguf(**{"tokenizer.chat_template": "{{ tools }} <think>"}))

    header = read_header(tmp_path / "one.gguf")

    assert (header.architecture, header.parameters, header.context) == (ARCHITECTURE, LENGTH, CONTEXT)
    assert header.bytes_per_token == 2 * 2 * (64 // 4) * 2 * 2  # layers, heads, length, keys and values, bytes
    found = read_model_file(tmp_path / "one.gguf")
    assert not isinstance(found, BadGguf)
    assert found.capabilities == ("completion", "tools", "thinking")


BAD = {
    "none": (b"<!DOCTYPE html>", "is no GGUF file"),
    "empty": (b"", "is no GGUF file"),
    "cut in the weights": (gguf()[:-1], "is cut short: it has"),
    "cut in the head": (gguf()[:100], "is cut short: its head does not end"),
    "of the other byte order": (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "version 50331648"),
    "an adapter": (gguf(**{"general.type": "adapter"}), "holds no model that chats, but adapter"),
    "a value of an unknown type": (
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("x") + struct.pack("<I", 99),
        "cannot be read",
    ),
    "a text longer than the file": (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62), "is cut short"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_none_is_told(tmp_path: Path, name: str):
    content, problem = BAD[name]
    file = tmp_path / "bad.gguf"
    file.write_bytes(content)

    with pytest.raises(BadGguf, match=problem) as told:
        read_header(file)

    assert str(file) in str(told.value)
    assert str(told.value).endswith((". Get the file again, or move it away.", "one of a model that chats."))


def test_no_head_that_is_damaged_does_more_than_tell(tmp_path: Path):
    whole, file = gguf(), tmp_path / "damaged.gguf"
    for place in range(4, whole.index(b"weights") + 30):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        file.write_bytes(damaged)
        read_model_file(file)  # raises nothing


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    return load({"PIANOLA_HOME": str(home), "PIANOLA_GGUF": str(tmp_path / "named.gguf")})


def test_files_of_the_folder_and_of_the_setting_are_found_and_read_again_when_they_change(settings: Settings):
    (settings.home / "models").mkdir()
    for name in ("one", "big-00001-of-00002", "big-00002-of-00002", "bad"):
        (settings.home / "models" / f"{name}.gguf").write_bytes(gguf() if name != "bad" else b"none")
    library = Library(settings)

    good, problems = library.read()
    assert [file.path.stem for file in good] == ["big-00001-of-00002", "one"]
    assert len(problems) == 2
    assert "named.gguf cannot be read: No such file or directory. Correct PIANOLA_GGUF" in problems[0]

    Path(settings.gguf).write_bytes(gguf())
    (settings.home / "models" / "bad.gguf").write_bytes(gguf())
    good, problems = library.read()
    assert [file.path.stem for file in good] == ["named", "bad", "big-00001-of-00002", "one"]
    assert problems == []


def test_a_model_larger_than_the_free_memory_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "large.gguf"
    file.write_bytes(gguf())
    monkeypatch.setattr(engine, "free_bytes", lambda: 150_000_000)

    with pytest.raises(engine.TooLarge) as told:
        engine.checked(file, 1_000)

    assert str(told.value) == (
        "large.gguf needs about 200 MB of memory with a window of 1,000 tokens, and 150 MB are free. Close other "
        "programs, or choose a smaller window or a smaller model."
    )


@pytest.mark.parametrize(
    ("wanted", "window"), [(None, 4_096), (0, 4_096), (-1, 4_096), ("hot", 4_096), (10_000_000, 4_096), (700, 700)]
)
def test_a_window_is_never_larger_than_the_model_was_made_for(tmp_path: Path, wanted: object, window: int):
    (tmp_path / "one.gguf").write_bytes(gguf())
    found = read_model_file(tmp_path / "one.gguf")

    assert not isinstance(found, BadGguf)
    assert found.window_for(wanted) == window


@pytest.mark.parametrize(
    ("parameters", "tokens"), [(135_000_000, 128), (494_000_000, 128), (1_540_000_000, 96), (4_000_000_000, 32)]
)
def test_a_slow_laptop_reads_a_batch_in_two_seconds(parameters: int, tokens: int):
    assert engine.batch_of(parameters) == tokens


# --- with the real engine ---


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with engine_playing() as made:
        yield made


def test_a_model_that_the_engine_does_not_know_fails_once_and_does_not_loop(system: System):
    (system.home / "models" / "strange.gguf").write_bytes(gguf())

    async def play(guest: Guest) -> tuple[LlmFailed, EngineState, LlmFinished]:
        failed = await generated(guest, order("hello", model="embedded/strange"))
        state = await state_of(system, "failed")
        return failed, state, await generated(guest, order("Say hello."))

    failed, state, played = system.visit(play)

    assert isinstance(failed, LlmFailed)
    assert "strange.gguf could not be loaded" in failed.problem
    assert "choose another model" in failed.problem
    assert (state.server_pid, state.key) == (0, "")
    assert isinstance(played, LlmFinished)


def test_a_bad_file_is_told_beside_the_good_ones(system: System):
    file = system.home / "models" / "web-page.gguf"
    file.write_text("<!DOCTYPE html>")

    async def look(guest: Guest) -> LlmListed:
        guest.bus.say(ServiceAsked())
        told = lambda heard: isinstance(heard.message, LlmListed) and "web-page" in str(heard.message.servers)  # noqa: E731
        return (await guest.until(told)).message

    found = system.visit(look)

    assert MODEL in [model["name"] for model in found.models]
    assert f"{file} is no GGUF file" in found.servers[1]["problem"]
    file.unlink()


def test_a_model_that_was_deleted_is_told(system: System):
    put(weights(), system.settings, "gone")
    system.visit(lambda guest: generated(guest, order("Say hello.", model="embedded/gone")))
    (system.home / "models" / "gone.gguf").unlink()

    end = system.visit(lambda guest: generated(guest, order("Say hello.", model="embedded/gone")))

    assert isinstance(end, LlmFailed)
    assert "has no model 'gone'. Choose another model" in end.problem


def test_a_file_that_appears_is_taken_up(system: System):
    models = system.home / "models"
    models.rename(system.home / "aside")

    async def look(guest: Guest) -> None:
        await listed(guest, "rehearsal")
        (system.home / "aside").rename(models)
        await listed(guest, MODEL)

    system.visit(look)


def test_the_engine_refuses_a_bad_wish_and_goes_on(system: System, tmp_path: Path):
    file = tmp_path / "cut.gguf"
    shutil.copyfile(weights(), file)
    os.truncate(file, 1_000_000)
    before = read_state(system.settings)

    async def wish(guest: Guest) -> EngineState:
        write(wish_file(system.settings), Wish("by hand", str(file), 1_024))
        failed = await state_of(system, "failed")
        await generated(guest, order("Say hello."))
        return failed

    failed = system.visit(wish)

    assert "cut short" in failed.problem
    assert read_state(system.settings).pid == before.pid


def test_a_full_disk_in_the_way_of_the_state_is_told_and_written_later(settings: Settings, capsys, monkeypatch):
    one = engine.Engine(settings)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as change:
        change.setattr(engine, "write", full)
        one._say(EngineState(pid=1))
        one._say(EngineState(pid=1))
    assert capsys.readouterr().err.count("engine.state cannot be written: No space left on device") == 1

    one._say(one._state)
    assert read_state(settings).pid == 1
