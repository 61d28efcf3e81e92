"""What a model server has read it does not read again: each prompt begins as the one before, from turn to turn."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tables import Row
from apps.todo.store import TODO
from services.agent.prompt.blocks import Block, Rows, block_since, known_rows, read_block
from services.agent.prompt.layers import PromptText, Situation, TableRows, compose, compose_summary
from services.agent.prompt.turns import cut_before, turns_before, turns_to_sum_up
from services.agent.talk.joining import joined

SITUATION = Situation(app="todo", tables=(TODO,), apps=("todo",), persona="You are Pianola.", window=4_096)


class Talk:
    """A conversation as the agent keeps it: messages in rows, and todos that change from turn to turn."""

    def __init__(self, todos: int) -> None:
        self.messages: list[Row] = []
        self.todos = [{"id": number, "title": f"todo number {number}", "done": False} for number in range(1, todos + 1)]
        self.day = "Thursday, 26 November 2026"

    def add(self, role: str, text: str, **more: Any) -> Row:
        usual = {"role": role, "text": text, "state": "done", "purpose": "chat", "reply_to": 0, "detail": None}
        row = {"id": len(self.messages) + 1, **usual, **more}
        self.messages.append(row)
        return row

    def prompt(self, row: Row) -> PromptText:
        situation = replace(
            SITUATION,
            rows=(TableRows(TODO, tuple(self.todos)),),
            events=(f"The user did number {row['id']}",),
            day=self.day,
            turns=turns_before(self.messages, row),
            cut=cut_before(self.messages, row),
            purpose=row["purpose"],
        )
        if row["purpose"] == "note":
            return compose_summary(replace(situation, purpose="step", turns=turns_to_sum_up(self.messages, row)))
        return compose(situation)

    def end(self, row: Row, prompt: PromptText, text: str) -> None:
        """Store the end of an answer, as it comes back from the store: through JSON."""
        kept = {"block": prompt.block.as_values(), "cut": [prompt.cut.begin, prompt.cut.bare]}
        row |= {"state": "done", "text": text, "detail": (row["detail"] or {}) | json.loads(json.dumps(kept))}

    def question(self, text: str, answer: str) -> list[Any]:
        asked = self.add("user", text)
        row = self.add("assistant", "", state="streaming", reply_to=asked["id"])
        prompt = self.prompt(row)
        self.end(row, prompt, answer)
        return prompt.messages

    def remark(self, happened: str) -> list[Any]:
        """Ask for a remark, which begins as the talk and is in none."""
        row = self.add("assistant", "", state="streaming", purpose="comment", detail={"happened": happened})
        self.messages.remove(row)
        return self.prompt(row).messages


def begins_with(now: list[Any], before: list[Any]) -> bool:
    return now[: len(before)] == before


def test_each_prompt_begins_with_the_one_before_and_its_answer_but_for_a_few_cuts() -> None:
    talk = Talk(todos=30)
    before, answer, cuts, lengths = [], "An answer. " * 20, 0, []
    for number in range(60):
        if number % 2:
            asked = talk.question(f"question {number} " + "about this and that " * 8, answer)
        else:
            asked = talk.remark(f"ticked “todo number {number}”")
        if before and not begins_with(asked, before):
            cuts += 1
        lengths.append(sum(len(one["content"]) for one in asked))
        if number % 2:
            before = [*asked, {"role": "assistant", "content": answer}]
        changed = number % len(talk.todos)
        talk.todos[changed] = talk.todos[changed] | {"done": True}
    assert 2 <= cuts <= 6
    assert max(lengths) < 4_096 * 3.5


def test_a_summary_is_asked_for_behind_the_talk_and_then_stands_behind_the_fixed_head() -> None:
    talk = Talk(todos=30)
    for number in range(4):
        last = talk.question(f"question {number}", f"answer {number}")
    note = talk.add("assistant", "", state="streaming", purpose="note", detail={"upto": 3})
    asked = talk.prompt(note).messages
    assert begins_with(last, asked[:4])
    assert asked[-2]["content"] == "answer 1"
    assert asked[-1]["content"].startswith("Sum up our talk")
    note |= {"state": "done", "text": "They counted."}
    after = talk.question("question 4", "answer 4")
    assert after[0] == last[0]
    assert after[1]["content"] == "What we talked about before, in short:\nThey counted.\n\nquestion 2"
    assert after[-1]["content"].startswith("# Rows of todo\nid 1: ")
    later = talk.question("question 5", "answer 5")
    assert begins_with(later, [*after, {"role": "assistant", "content": "answer 4"}])
    assert later[-1]["content"] == "# What happened lately\n- The user did number 13\n# The user says\nquestion 5"


def test_of_rows_shown_before_only_the_changes_are_told_where_that_is_shorter() -> None:
    talk = Talk(todos=30)
    assert talk.question("one", "1")[-1]["content"].startswith(
        '# Rows of todo\nid 1: "todo number 1", done: no\nid 2: '
    )
    talk.todos[2] = talk.todos[2] | {"done": True}
    del talk.todos[4]
    talk.todos.append({"id": 31, "title": "new", "done": False})
    talk.day = "Friday, 27 November 2026"
    assert talk.question("two", "2")[-1]["content"] == (
        "# Rows of todo that are different now\n"
        'id 3: "todo number 3", done: yes\n'
        'id 31: "new", done: no\n'
        "gone: id 5\n"
        "# What happened lately\n"
        "- The user did number 4\n"
        "# Today\n"
        "Friday, 27 November 2026\n"
        "# The user says\n"
        "two"
    )
    talk.todos.insert(0, talk.todos.pop())
    assert talk.question("three", "3")[-1]["content"].startswith('# Rows of todo\nid 31: "new", done: no\nid 1: ')


def test_few_rows_are_told_again_as_a_whole() -> None:
    talk = Talk(todos=3)
    talk.question("one", "1")
    assert talk.question("two", "2")[-1]["content"].count("todo number") == 3


LINES = st.dictionaries(st.integers(1, 40), st.sampled_from(["a" * 20, "b" * 20, "c" * 20]), max_size=40)
TITLES = st.sampled_from([("todo",), ("stock", "shopping")])


@given(st.lists(st.tuples(TITLES, LINES, LINES), min_size=1, max_size=8))
def test_after_any_changes_the_blocks_together_tell_the_rows_as_they_are(
    states: list[tuple[tuple[str, ...], dict[int, str], dict[int, str]]],
) -> None:
    blocks: list[Block] = []
    for titles, *lines in states:
        now = [Rows(title, tuple(one.items())) for title, one in zip(titles, lines, strict=False)]
        blocks.append(read_block(json.loads(json.dumps(block_since(blocks, now, (), "").as_values()))))
        known = known_rows(blocks)
        assert {title: known[title].lines for title in titles} == {one.title: one.lines for one in now}


def test_rows_of_all_tables_of_the_app_are_told_each_by_its_changes() -> None:
    stock, shopping = (Rows(title, tuple((n, f"{title} {n} " + "x" * 50) for n in range(5))) for title in ("a", "b"))
    first = block_since([], [stock, shopping], (), "")
    assert first.text.count("# Rows of") == 2
    more = replace(shopping, lines=(*shopping.lines, (5, "new")))
    second = block_since([first], [stock, more], (), "")
    assert second.text == "# Rows of b that are different now\nid 5: new"
    third = block_since([first, second], [stock, replace(more, lines=())], (), "")
    assert third.text == "# Rows of b\n(none yet)"
    other_app = block_since([first, second], [Rows("c", ((1, "y"),))], (), "")
    assert block_since([first, second, other_app], [stock, more], (), "").titles == {"a", "b"}


@pytest.mark.parametrize("stored", [None, {}, [], {"tables": 3}, {"tables": [{"title": "x", "rows": [[1]]}]}])
def test_what_was_stored_as_something_else_is_no_block(stored: Any) -> None:
    assert read_block(stored) == Block()


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("The cat sat on the m", "at and slept.", "The cat sat on the mat and slept."),
        ("The cat sat on the mat", " and slept.", "The cat sat on the mat and slept."),
        ("The cat sat on the ", " mat.", "The cat sat on the mat."),
        ("It rained. The cat sat on the", "The cat sat on the mat.", "It rained. The cat sat on the mat."),
        ("It rained.", "Then it stopped.", "It rained. Then it stopped."),
        ("ha ha", "ha ha", "ha haha ha"),
        ("```\nlist.", "Append (1)\n```", "```\nlist.Append (1)\n```"),
        ("See example.", "Org for it.", "See example. Org for it."),
        ("list.", "Append(1)", "list.Append(1)"),
        ("", "Hello.", "Hello."),
        ("Hello.", "", "Hello."),
    ],
)
def test_a_text_that_goes_on_reads_as_if_it_had_never_stopped(before: str, after: str, whole: str) -> None:
    assert joined(before, after) == whole
