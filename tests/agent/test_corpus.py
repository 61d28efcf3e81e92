"""The corpus of replies: most are understood, none is carried out wrongly, and no text can do harm."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.piano.corpus import SCOPES, Case, read_corpus
from bench.piano.outcome import outcome_of
from services.agent.limits import MAX_INSTRUCTIONS
from services.agent.parse.instructions import READS, WRITES
from services.agent.parse.reply import read_instructions
from services.agent.parse.scanner import REREADS_PER_CHARACTER, Scanner

CORPUS = read_corpus()
LEAST_UNDERSTOOD = 0.98


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case.file}: {case.name}")
def test_no_reply_does_anything_that_was_not_asked_for(case: Case) -> None:
    assert outcome_of(case).verdict != "wrong"


def test_nearly_all_of_at_least_150_replies_are_understood() -> None:
    missed = [f"{case.file}: {case.name}" for case in CORPUS if outcome_of(case).verdict != "right"]

    assert len(CORPUS) >= 150
    assert len({(case.file, case.name) for case in CORPUS}) == len(CORPUS)
    assert len(missed) <= (1 - LEAST_UNDERSTOOD) * len(CORPUS), missed


PIECES = [
    "{", "}", "[", "]", '"', "'", ",", ":", "`", "```", "```json\n", "“", "”", "\\", "//", "/*", "*/", "#", "<think>",
    "</think>", "\n", " ", "> ", "- ", '"operation":', "operation: ", '"insert"', '"delete"', '"table":', '"todo"',
    '"message"', '"setting"', '"values":', '"title":', '"id":', "3", "-1", "1e999", "true", "None", "[TOOL_CALLS]",
    '"name":', '"arguments":', '"function":', "\\ud800", "\u2028", "\x00", "é", 'insert(table="todo")',
    '{"operation": "insert", "table": "todo", "values": {"title": "milk"}}',
    '{"operation": "delete", "table": "sqlite_master", "id": 3}',
]  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(["todo", "crm"]))
def test_no_text_acts_outside_the_tables_of_the_open_app(text: str, app: str) -> None:
    check_harmless(text, [], app)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(PIECES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["operation", "table", "values", "id", "where", "field", "function", "name", "arguments"])
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(["function", "id", "name"]), JSON, max_size=3), st.sampled_from(["todo", "crm"]))
def test_no_native_call_acts_outside_the_tables_of_the_open_app(call: dict[str, Any], app: str) -> None:
    check_harmless("", [call], app)


@settings(max_examples=400, deadline=None)
@given(JSON, st.sampled_from(["todo", "crm"]))
def test_no_json_acts_outside_the_tables_of_the_open_app(value: Any, app: str) -> None:
    check_harmless(json.dumps(value), [], app)


def check_harmless(text: str, calls: list[dict[str, Any]], app: str) -> None:
    """Check that each order is of the model, names only declared tables and fields, and can be sent."""
    scope = SCOPES[app]
    tables = {table.name: table for table in scope.tables}
    found = read_instructions(text, calls, scope)
    assert len(found) <= MAX_INSTRUCTIONS + 1
    for one in found:
        if one.step is None:
            assert one.problem
            continue
        order = one.step.order
        if order is None:
            assert one.step.app in scope.apps
            continue
        assert order.actor == "model"
        assert order.verb in (*READS, *WRITES)
        named = set(order.values) if order.verb in ("insert", "update") else set()
        assert named | set(order.where) <= {one.name for one in tables[order.table].all_fields.values()}
        assert order.values.get("profile", scope.profile) == scope.profile
        assert order.id if order.verb in ("update", "delete", "toggle", "sort", "get") else True
        json.dumps(order.body(), allow_nan=False).encode()


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        '{"a":',
        "{/*",
        '{"',
        "“",
        "` {",
        "{operation:{",
        '{"operation": "',
        "[{",
        "{'a' // \n",
        '„“«"{',
        '"{',
        "\t{",
    ],
)
def test_each_character_is_read_a_bounded_number_of_times(piece: str) -> None:
    for length in (10_000, 1_000_000):
        scanner = Scanner(piece * (length // len(piece)))
        scanner.find()
        assert scanner.steps <= (REREADS_PER_CHARACTER + 2) * length + 1_000
