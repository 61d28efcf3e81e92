"""Macros: from changes to steps, placeholders, and what a run does when rows are gone."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from apps.core import ONLY_READ
from apps.macro_steps.placeholders import filled, wants_word
from apps.macro_steps.running import Prepared, is_done, prepare
from apps.macro_steps.steps import MAX_STEPS, found_by_name, step_in_words, steps_of
from apps.registry import Registry, load_apps
from apps.tables import BadValue, Row
from bus.bus import new_id
from bus.errors import Refused
from bus.messages import StoreAnswer, StoreOrder
from store.tables.history import Reason
from tests.support.local_store import Store
from tests.support.system import run_apart

DAY = date(2026, 11, 27)


class Bench:
    """A store, and what the user did in it."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self.store, self.tables = store, registry.tables

    async def ask(self, order: StoreOrder) -> StoreAnswer:
        outcome = self.store.orders.carry_out(order, Reason(order.actor, new_id(), ""))
        if outcome.error:
            raise Refused.by(outcome.error)
        return StoreAnswer(ok=True, rows=outcome.rows)

    def add(self, title: str, **values: Any) -> Row:
        return self.store.order("insert", values={"title": title, **values}).rows[0]

    def steps(self) -> list[Row]:
        """Return the steps of all changes of todos so far."""
        changes = self.store.rows("change", subject="todo")
        rows = {("todo", row["id"]): row for row in self.store.rows("todo")}
        return steps_of(changes, self.tables, rows)

    def words(self) -> list[str]:
        return [step_in_words(one, self.tables["todo"]) for one in self.steps()]

    def prepare(self, steps: list[Row], word: str = "", **values: Any) -> Prepared:
        macro = {"id": 1, "name": "Friday shopping", "ask": "", "profile": 1, "steps": steps, **values}
        return run_apart(prepare(self.ask, macro, DAY, word))

    def run(self, steps: list[Row], word: str = "") -> str:
        """Carry out a run; return what was left out."""
        prepared = self.prepare(steps, word)
        outcome = self.store.order("batch", values={"orders": list(prepared.orders)})
        assert not outcome.error, outcome.error
        return prepared.words_left_out

    def titles(self, **where: Any) -> list[str]:
        return [row["title"] for row in self.store.rows("todo", **where)]


@pytest.fixture
def bench(tmp_path) -> Iterator[Bench]:
    registry = load_apps()
    store = Store(tmp_path / "store.db", registry)
    yield Bench(store, registry)
    store.connection.close()


def test_what_was_done_becomes_steps_and_is_done_again(bench):
    bread = bench.add("bread")
    bench.store.order("toggle", key=bread["id"], values={"field": "done"})
    old = bench.add("old")
    bench.store.order("delete", key=old["id"])
    bench.store.order("update", key=bread["id"], values={"note": "rye"})

    assert bench.words() == ["Add “bread” to todo (done: yes, note: rye)"]
    bench.run(bench.steps())

    first, second = bench.store.rows("todo", title="bread")
    assert {name: first[name] for name in ("done", "note")} == {name: second[name] for name in ("done", "note")}


def test_changes_of_rows_that_were_there_before_name_these_rows(bench):
    milk, tea = bench.add("milk"), bench.add("tea")
    before = len(bench.store.rows("change"))
    bench.store.order("toggle", key=milk["id"], values={"field": "done"})
    bench.store.order("delete", key=tea["id"])
    changes = bench.store.rows("change")[before:]

    steps = steps_of(changes, bench.tables, {("todo", milk["id"]): milk})

    words = [step_in_words(one, bench.tables["todo"]) for one in steps]
    assert words == ["Change “milk” of todo (done: yes)", "Delete “tea” of todo"]


def test_a_move_an_undo_and_rows_that_only_the_store_writes_are_no_steps(bench):
    milk, _ = bench.add("milk"), bench.add("tea")
    bench.store.order("sort", key=milk["id"], values={"after": 2})
    made = bench.store.rows("change", subject="todo")[1]
    bench.store.order("undo", "", values={"change": made["id"]})
    bench.store.order("insert", "permission", values={"app": "todo", "operation": "delete", "rule": "allow"})

    changes = bench.store.rows("change")

    assert [one["values"] for one in steps_of(changes, bench.tables, {})] == [{"title": "milk"}]


def test_a_macro_of_a_thousand_steps_is_refused_with_a_sentence(bench):
    bench.store.order("batch", values={"orders": [inserting(str(number)) for number in range(1000)]})

    with pytest.raises(BadValue, match=f"These are 1,000 steps. A macro has at most {MAX_STEPS}: choose fewer."):
        bench.steps()


def inserting(title: str) -> Row:
    return {"verb": "insert", "table": "todo", "values": {"title": title}}


def adding(title: str, **values: Any) -> Row:
    return {"verb": "insert", "table": "todo", "scoped": True, "values": {"title": title, **values}}


def ticking(row: Row, find: str = "id") -> Row:
    named = {"id": row["id"], "title": row["title"], "field": "title", "find": find}
    return {"verb": "update", "table": "todo", "scoped": True, "values": {"done": True}, "row": named}


def test_placeholders_are_the_day_of_the_run_and_the_word_that_is_asked_for(bench):
    steps = [adding("Buy {word}", due="{today}T18:00")]

    bench.run(steps, "bananas")

    (row,) = bench.store.rows("todo")
    assert (row["title"], row["due"]) == ("Buy bananas", "2026-11-27T18:00")
    assert wants_word(steps)
    assert filled([1, None, {"a": "{today}"}], DAY, "") == [1, None, {"a": "2026-11-27"}]


def test_a_run_without_the_word_is_refused_with_the_question(bench):
    with pytest.raises(BadValue, match=r"The macro “Friday shopping” asks: What to buy\?"):
        bench.prepare([adding("{word}")], ask="What to buy?")


def test_a_row_that_is_gone_is_left_out_and_told_and_the_rest_is_done(bench):
    milk, tea = bench.add("milk"), bench.add("tea")
    bench.store.order("delete", key=tea["id"])

    told = bench.run([ticking(milk), ticking(tea), adding("bread")])

    assert told == "Left out, because it is gone: “tea” of todo."
    assert bench.titles(done=True) == ["milk"]
    assert "bread" in bench.titles()


def test_if_all_rows_are_gone_nothing_is_done_and_it_says_which(bench):
    tea = bench.add("tea")
    bench.store.order("delete", key=tea["id"])

    with pytest.raises(BadValue, match=r"Nothing of “Friday shopping” can be done: “tea” of todo is gone\."):
        bench.prepare([ticking(tea)])


def test_a_step_of_an_app_that_is_gone_is_left_out(bench):
    gone = {**adding("x"), "verb": "delete", "table": "gone", "row": {"id": 1, "title": "x", "field": "title"}}
    gone["row"]["find"] = "id"

    assert bench.run([gone, adding("bread")]) == "Left out, because it is gone: “x” of gone."


def test_a_row_is_found_by_its_name_and_of_several_the_one_that_would_change(bench):
    done = bench.add("milk", done=True)
    bench.add("milk")

    assert bench.run([ticking(done, find="title")]) == ""

    assert [row["done"] for row in bench.store.rows("todo", title="milk")] == [True, True]


def test_what_is_done_again_and_again_finds_its_row_by_its_name(bench):
    todo, add = bench.tables["todo"], adding("milk")

    assert found_by_name(add, todo) == add
    assert found_by_name(ticking({"id": 1, "title": "milk"}), todo)["row"]["find"] == "title"


def test_rows_of_another_profile_are_not_touched(bench):
    other = bench.store.order("insert", values={"title": "theirs", "profile": 2}).rows[0]

    with pytest.raises(BadValue, match="is gone"):
        bench.prepare([ticking(other)])


def test_whether_a_run_was_carried_out_is_asked_of_the_store(bench):
    bench.store.orders.carry_out(
        StoreOrder(verb="insert", table="todo", values={"title": "x"}), Reason("user", "a", "")
    )

    assert [run_apart(is_done(bench.ask, order)) for order in ("a", "b")] == [True, False]


def test_two_macros_of_a_profile_have_different_names(bench):
    values = {"name": "Friday shopping", "steps": [adding("milk")]}

    outcomes = [bench.store.order("insert", "macro", values=values | {"profile": one}) for one in (1, 2, 1)]

    assert [bool(outcome.error) for outcome in outcomes] == [False, False, True]
    assert {table.name for table in ONLY_READ} >= {"macro", "permission"}


def test_steps_of_another_shape_are_refused(bench):
    outcome = bench.store.order("insert", "macro", values={"name": "x", "steps": [{"verb": "insert"}]})

    assert "does not have the shape that it must have" in outcome.error["message"]
