"""What counts as an instruction in a reply; and no text of a model can harm the scanner."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agent.parse.normalise import ARGUMENTS
from services.agent.parse.scanner import find_instructions

ADD = {"operation": "insert", "table": "todo", "values": {"title": "milk"}}
WRITTEN = json.dumps(ADD)


def values(text: str) -> list[Any]:
    return [found.value for found in find_instructions(text)]


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN,
        f"Sure, here it is: {WRITTEN} Anything else?",
        f"```json\n{json.dumps(ADD, indent=2)}\n```",
        f"Done.\n\n```\n{WRITTEN}\n```\nBye {{curly}}.",
        f"~~~json\n{WRITTEN}\n~~~",
        f"```json\n{WRITTEN}",
        f"[{WRITTEN}]",
        json.dumps({"instructions": [ADD]}),
        WRITTEN.replace('"', "'"),
        "{operation: 'insert', table: \"todo\", values: {title: 'milk',},}",
        '{"operation": "insert", // a comment\n "table": "todo", /* another */ "values": {"title": "milk"} # third\n}',
        '{"operation": "insert", "table": "todo", "values": {"title": "milk"',
        '{"operation": "insert", "table": "todo", "values": {"title": "m\\u0069lk"}}',
        f"Someone said “hello”. {WRITTEN}",
        f"Look at `this` and at {WRITTEN}",
        f"An open ` tick, then {WRITTEN}",
        f"A stray brace {{ and then {WRITTEN}",
    ],
)
def test_an_instruction_is_found_however_it_is_wrapped(text: str) -> None:
    assert values(text) == [ADD]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Just talk, with {braces} and {'a': 1}.",
        f"`{WRITTEN}` is how you write it.",
        f"``{WRITTEN}``",
        f"You wrote “{WRITTEN}”, I saw.",
        f'You wrote "{WRITTEN}", I saw.',
        f"> {WRITTEN}\n\nThat is what you pasted.",
        f"```python\nx = {WRITTEN}\n```",
        f"```{WRITTEN}```",
        json.dumps({"values": {"title": "no operation"}}),
    ],
)
def test_a_quoted_object_or_ordinary_text_is_no_instruction(text: str) -> None:
    assert find_instructions(text) == []


def test_several_are_found_in_order_with_braces_in_texts_and_values_of_python() -> None:
    text = 'First {"operation": "a", "title": "}{"} then\n```json\n{"operation": "b", "done": True, "x": None}\n```'
    assert values(text) == [{"operation": "a", "title": "}{"}, {"operation": "b", "done": True, "x": None}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"operation": insert}', "expected a value"),
        ('{"operation": "insert" "table": "todo"}', "expected a comma"),
        ('{"operation": "insert", "title": "milk}', "not closed"),
        ('{"operation": "insert", "id": 99999999999999999999}', "too large"),
        ('{"operation": "insert", "id": 1e999}', "too large"),
        ('{"operation": ' + '{"a": ' * 40 + "1" + "}" * 41, "nested deeper"),
    ],
)
def test_a_broken_instruction_is_reported_with_the_reason(text: str, reason: str) -> None:
    (found,) = find_instructions(text)
    assert found.value is None
    assert reason in found.problem


def test_a_lone_surrogate_becomes_a_character_that_can_be_stored() -> None:
    (value,) = values('{"operation": "\\ud83d\\ude00 \\ud83d"}')
    assert value == {"operation": "😀 \ufffd"}


BRACKETS = ["{", "}", "[", "]", '"', "'", ",", ":", "`", "```", "```json\n", "“", "”", "\\", "//", "/*", "*/", "#"]
WORDS = [
    "operation",
    '"operation":',
    "true",
    "None",
    "1e5",
    "-",
    " ",
    "\n",
    "> ",
    "\\ud800",
    "é",
    "\u2028",
    "\x85",
    WRITTEN,
]
PIECES = st.sampled_from(BRACKETS + WORDS)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_nothing_raises_and_what_is_found_can_be_written_and_stored(text: str) -> None:
    for found in find_instructions(text):
        assert 0 <= found.start < found.end <= len(text)
        assert (found.value is None) == bool(found.problem)
        json.dumps(found.value, allow_nan=False, ensure_ascii=False).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


NAMES = st.text(st.characters(codec="utf-8")).filter(lambda name: name not in ARGUMENTS)
"""Keys that `normalise` handles itself (see the corpus) are left out."""


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=5), st.booleans())
def test_every_json_object_with_an_operation_is_read_as_json_reads_it(value: dict[str, Any], fenced: bool) -> None:
    value = value | {"operation": "insert"}
    written = json.dumps(value)
    assert values(f"```json\n{written}\n```" if fenced else f"So: {written}") == [value]
