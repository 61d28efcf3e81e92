"""Reasoning is taken out of the text, whatever marks stand around it, and however the stream is cut."""

from collections.abc import Iterable

import pytest
from hypothesis import given, strategies

from llm_worker.stream.calls import as_object, cleaned, normalised, sendable
from llm_worker.stream.pieces import Piece
from llm_worker.stream.reasoning import BLOCKS, ReasoningSplitter

MARKS = (
    *BLOCKS, *BLOCKS.values(), "<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>",
)  # fmt: skip


def split(parts: Iterable[str], *, end: bool = True) -> tuple[str, str, list]:
    """Return the answer, the reasoning and the calls in a stream of texts."""
    splitter, text, thinking, calls = ReasoningSplitter(), "", "", []
    pieces = [Piece(part) for part in parts]
    read = [splitter.read(piece) for piece in pieces]
    read.append(splitter.read(Piece(end="stop")) if end else splitter.rest())
    for piece in read:
        if piece.was_reasoning:
            text, thinking = "", thinking + text
        text, thinking, calls = text + piece.text, thinking + piece.thinking, calls + piece.tool_calls
    return text, thinking, calls


ANSWERS = {
    "no reasoning": ("four", "four", ""),
    "blanks are kept": ("  four\n", "  four\n", ""),
    "blanks alone": (" \n", " \n", ""),
    "nothing": ("", "", ""),
    "a block": ("<think>2+2</think>\n\nfour", "four", "2+2"),
    "a block behind blanks": ("\n<think>2+2</think>four", "four", "2+2"),
    "an empty block": ("<think>\n\n</think>\n\nfour", "four", "\n\n"),
    "a block of another family": ("[THINK]2+2[/THINK]four", "four", "2+2"),
    "a block of a third": ("◁think▷2+2◁/think▷four", "four", "2+2"),
    "two blocks": ("<think>2</think><think>+2</think>four", "four", "2+2"),
    "a block within a block": ("<think>a <think> b</think>four", "four", "a <think> b"),
    "an end without a beginning": ("2+2</think>\n\nfour", "four", "2+2"),
    "an end of another family": ("2+2[/THINK]four", "four", "2+2"),
    "a second end is text": ("2+2</think>four</think>", "four</think>", "2+2"),
    "a block in the middle": ("Well, <think>2+2</think>four", "Well, four", "2+2"),
    "a block that never ends": ("<think>2+2", "", "2+2"),
    "thoughts only": ("<think>2+2</think>", "", "2+2"),
    "thoughts and blanks": ("<think>2+2</think> \n", "", "2+2"),
    "an instruction behind it": ('<think>add</think>{"a": 1}', '{"a": 1}', "add"),
    "in a code span": ("Write `<think>` and `</think>`.", "Write `<think>` and `</think>`.", ""),
    "in a fence": ("So:\n```\n<think>a</think>\n```\n", "So:\n```\n<think>a</think>\n```\n", ""),
    "half a mark": ("a <thin", "a <thin", ""),
    "what only looks like one": ("1 < 2 <b>", "1 < 2 <b>", ""),
    "harmony": (
        "<|channel|>analysis<|message|>2+2<|end|><|start|>assistant<|channel|>final<|message|>four<|return|>",
        "four",
        "2+2",
    ),
    "harmony, the answer only": ("<|channel|>final<|message|>four", "four", ""),
    "harmony, with its start": ("<|start|>assistant<|channel|>final<|message|>four<|end|>", "four", ""),
    "harmony, a comment": ("<|channel|>commentary<|message|>I look.<|end|>", "I look.", ""),
    "harmony, no end of thoughts": ("<|channel|>analysis<|message|>2+2", "", "2+2"),
    "harmony, no message": ("<|channel|>four", "four", ""),
    "harmony in the middle is text": ("It writes <|channel|>final.", "It writes <|channel|>final.", ""),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_text_and_reasoning_are_told_apart(name, size):
    whole, text, thinking = ANSWERS[name]

    parts = [whole[start : start + size] for start in range(0, len(whole), size)]

    assert split(parts)[:2] == (text, thinking)


def test_a_block_in_the_middle_that_never_ends_is_text():
    assert split(["Use the tag <think> for that."])[0] == "Use the tag <think> for that."


def test_a_call_in_a_harmony_message_is_a_call():
    answer = '<|channel|>commentary to=functions.insert <|constrain|>json<|message|>{"table": "todo"}<|call|>'

    text, thinking, calls = split(answer)

    assert (text, thinking) == ("", "")
    assert calls == [{"function": {"name": "insert", "arguments": {"table": "todo"}}}]


def test_reasoning_in_a_field_of_its_own_stays_there():
    splitter = ReasoningSplitter()

    read = splitter.read(Piece(text="four", thinking="2+2", end="stop"))

    assert (read.text, read.thinking) == ("four", "2+2")


def test_what_was_held_back_is_not_lost_when_the_stream_breaks_off():
    assert split(["four <thi"], end=False)[0] == "four <thi"


WORDS = strategies.lists(
    strategies.sampled_from([*MARKS, "a", " ", "\n", "`", "```", "<", "[", "◁", "<|", "final", "analysis", "to=f.x "]),
    max_size=14,
)


@given(words=WORDS, data=strategies.data())
def test_any_cut_of_the_stream_gives_the_same_result(words, data):
    whole = "".join(words)
    cuts = sorted(data.draw(strategies.lists(strategies.integers(0, len(whole)), max_size=12)))
    parts = [whole[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    assert split(parts) == split([whole]) == split(whole)


@given(text=strategies.text(alphabet=strategies.characters(exclude_characters="<[◁"), max_size=40))
def test_text_without_marks_is_never_changed(text):
    assert split(text) == (text, "", [])


# --- calls of tools -----------------------------------------------------------------------------------------------

ARGUMENTS = {
    "an object": ({"a": 1}, {"a": 1}),
    "a text": ('{"a": 1}', {"a": 1}),
    "a text in a text": ('"{\\"a\\": 1}"', {"a": 1}),
    "an empty text": ("", {}),
    "blanks": (" ", {}),
    "null": (None, {}),
    "a list": ([1], {}),
    "a text that cannot be read": ('{"a": ', '{"a": '),
    "half a character": ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_become_an_object(name):
    given_arguments, expected = ARGUMENTS[name]

    assert as_object(given_arguments) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("insert", "insert"),
        ("insert<|channel|>commentary", "insert"),
        ("insert<|constrain|>json", "insert"),
        ("functions.insert", "insert"),
        ("functions.insert:0", "insert"),
        ("to=functions.insert", "insert"),
        (" insert ", "insert"),
        ("todo.insert", "todo.insert"),
        ("", ""),
    ],
)
def test_names_lose_what_belongs_to_a_template(name, expected):
    assert cleaned(name) == expected


def test_a_call_without_a_function_is_read_too():
    assert normalised({"name": "insert", "arguments": "{}"}) == {"function": {"name": "insert", "arguments": {}}}
    assert normalised({}) == {"function": {"name": "", "arguments": {}}}
    assert normalised({"id": 7, "function": {"name": 7}}) == {"function": {"name": "", "arguments": {}}}


def test_what_is_sent_again_has_an_object():
    kept = {"id": "c1", "function": {"index": 0, "name": "insert", "arguments": '{"a": '}}

    assert sendable(kept) == {"id": "c1", "function": {"index": 0, "name": "insert", "arguments": {}}}
    assert sendable("no call") == {"function": {"name": "", "arguments": {}}}
