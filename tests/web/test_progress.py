"""What an answer waits for, whose turn it is, and what it has cost."""

import re
from typing import Any

import pytest
from fastcore.xml import to_xml

from web.html.chat.chat import article
from web.html.chat.progress import Cost, progress_words
from web.state.turns import MOST_ANSWERS, Progress, Turns

NOW = 1_000_000.0


def message(number: int, role: str = "assistant", reply_to: int = 0, state: str = "streaming", **more: Any) -> Any:
    row = {
        "id": number,
        "conversation": 1,
        "role": role,
        "purpose": "chat",
        "state": state,
        "text": f"{role} {number}",
        "thinking": "",
        "reply_to": reply_to,
        "attempt": 1,
        "model": "",
        "problem": "",
        "detail": None,
        "created": NOW,
    }
    return row | more


def turns_of(*rows: Any) -> Turns:
    turns = Turns(now=lambda: NOW)
    for row in rows:
        turns.take(row)
    return turns


def question(number: int) -> Any:
    return message(number, "user", state="done")


# --- words ---


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(), "Waiting for the model …"),
        (Progress("waiting", "qwen3:4b"), "Waiting for qwen3:4b …"),
        (Progress("waiting", "rehearsal"), "Waiting for the rehearsal player …"),
        (Progress("loading", "qwen3:4b"), "Loading qwen3:4b into memory …"),
        (Progress("reading", "qwen3:4b"), "Reading …"),
        (Progress("reading", "qwen3:4b", 1_240), "Reading 1,240 tokens …"),
        (Progress("reading", "qwen3:4b", 1_240, 900), "Reading 1,240 tokens, 900 of them known …"),
        (
            Progress("reading", "qwen3:4b", 1_240, 900, 200),
            "Reading 1,240 tokens, 900 of them known, 200 read …",
        ),
        (Progress("writing", "qwen3:4b", 1_240, 900), "Writing …"),
        (Progress("queued", behind="add\nmilk"), "Waits for the answer to “add milk”"),
    ],
)
def test_the_card_says_what_it_waits_for(progress: Progress, words: str) -> None:
    assert progress_words(progress) == words


@pytest.mark.parametrize("state", ["waiting", "loading", "reading", "writing", "queued"])
def test_only_an_answer_that_waits_for_another_has_a_stop_of_its_own(state: Any) -> None:
    drawn = to_xml(article(message(4, reply_to=3), {}, "", progress=Progress(state, behind="milk?")))

    assert 'id="waiting-4"' in drawn
    assert bool(re.search(r"<button[^>]* hidden[^>]*>Stop", drawn)) == (state != "queued")


# --- turns ---


def test_an_answer_waits_for_the_one_before_it() -> None:
    turns = turns_of(question(1), question(2), message(3, reply_to=1), message(4, reply_to=2))
    turns.progressed("3.1", Progress("reading", "double:1b", 40))

    assert turns.of(3) == Progress("reading", "double:1b", 40)
    assert turns.of(4) == Progress("queued", behind="user 1")
    assert turns.streaming(1).keys() == {3, 4}
    assert not turns.streaming(2)


def test_it_also_waits_while_the_steps_of_the_older_one_are_taken() -> None:
    written = message(3, reply_to=1, state="done", detail={"spans": [[0, 9]]})
    turns = turns_of(question(1), question(2), written, message(4, reply_to=2))
    assert turns.of(4).behind == "user 1"

    turns.take(written | {"detail": {"spans": [[0, 9]], "played": True}})
    assert turns.of(4) == Progress()


@pytest.mark.parametrize("end", ["done", "stopped", "failed", "interrupted", "deleted"])
def test_it_waits_no_longer_when_the_older_one_has_ended(end: str) -> None:
    turns = turns_of(question(1), question(2), message(3, reply_to=1), message(4, reply_to=2))

    if end == "deleted":
        turns.drop(3)
    else:
        turns.take(message(3, reply_to=1, state=end))

    assert turns.of(4) == Progress()


def test_an_answer_that_has_begun_waits_for_nobody_and_an_older_one_that_is_retried_waits_for_it() -> None:
    turns = turns_of(question(1), question(2), message(4, reply_to=2))
    turns.progressed("4.1", Progress("writing", "double:1b"))

    turns.take(message(3, reply_to=1, attempt=2))

    assert turns.of(4).state == "writing"
    assert turns.of(3) == Progress("queued", behind="user 2")


def test_another_attempt_starts_without_the_tokens_of_the_first() -> None:
    turns = turns_of(question(1), message(3, reply_to=1))
    turns.progressed("3.1", Progress("writing", "double:1b"))

    turns.take(message(3, reply_to=1, attempt=2))

    assert turns.of(3) == Progress()
    assert turns.progressed("3.1", Progress("writing", "double:1b")) == 0


def test_other_conversations_remarks_and_old_leftovers_are_no_reason_to_wait() -> None:
    elsewhere = message(3, reply_to=1, conversation=2)
    remark = message(5, purpose="comment")
    old = message(6, reply_to=1, created=NOW - 7_200)
    turns = turns_of(question(1), question(2), elsewhere, remark, old, message(7, reply_to=2))

    assert turns.of(7) == Progress()


def test_only_so_many_answers_are_kept() -> None:
    turns = turns_of(*(message(number) for number in range(1, 200)))

    assert len(turns.streaming(1)) == MOST_ANSWERS


# --- cost ---


@pytest.mark.parametrize(
    ("tokens", "short", "lines"),
    [
        (
            {
                "prompt": 1_240,
                "read": 340,
                "known": 900,
                "answer": 85,
                "load_seconds": 2.14,
                "read_seconds": 3.1,
                "write_seconds": 0.9,
                "window": 4_096,
                "guess": 1_300,
            },
            "340 tokens read, 85 written · 6.1 s",
            {
                "Loading the model": "2.1 s",
                "Reading": "340 tokens, 900 from the cache, 3.1 s",
                "Writing": "85 tokens, 0.9 s",
            },
        ),
        (
            {"prompt": 1_240, "answer": 85},
            "1,240 tokens read, 85 written",
            {"Reading": "1,240 tokens", "Writing": "85 tokens"},
        ),
        ({"prompt": "many", "read_seconds": None, "answer": True}, "", {}),
        ({"guess": 900, "window": 4_096}, "", {}),
        (None, "", {}),
    ],
)
def test_the_cost_of_an_answer_shows_what_was_counted(tokens: Any, short: str, lines: dict[str, str]) -> None:
    row = message(4, reply_to=3, state="done", detail={"tokens": tokens})

    cost = Cost.of(row)

    assert cost.in_short() == short
    assert dict(cost.lines()) == lines
    assert ('id="cost-4"' in to_xml(article(row, {}))) == bool(short)


def test_a_remark_shows_no_cost() -> None:
    row = message(4, purpose="comment", state="done", detail={"tokens": {"prompt": 9, "answer": 9}})

    assert "cost-4" not in to_xml(article(row, {}))


# --- ends ---


def test_an_answer_without_a_word_says_so_and_can_be_retried() -> None:
    problem = "The model ended without a word."

    for state in ("done", "failed"):
        drawn = to_xml(article(message(4, reply_to=3, state=state, text="", problem=problem), {}))
        assert problem in drawn
        assert "Retry" in drawn
        assert "Continue" not in drawn


def test_an_answer_that_was_cut_at_its_limit_can_be_continued() -> None:
    drawn = to_xml(
        article(message(4, reply_to=3, state="done", text="Once", problem="The model reached its limit."), {})
    )

    assert "Continue" in drawn
