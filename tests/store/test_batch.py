"""Batches, several changes undone at once, ranges, totals, and the history as a readable table."""

from collections.abc import Callable
from typing import Any

import pytest

from bus.messages import StoreAnswer, StoreOrder
from tests.support.system import Guest, System

Ask = Callable[..., StoreAnswer]


@pytest.fixture(scope="module")
def system():
    with System() as system:
        system.start("broker", "store")
        yield system


@pytest.fixture
def ask(system: System) -> Ask:
    """Send an order to the store over the bus."""

    def ask(verb: Any, table: str = "todo", key: Any = 0, *, name: str = "", **more: Any) -> StoreAnswer:
        order = StoreOrder(verb=verb, table=table, id=key, **more)

        async def work(guest: Guest) -> StoreAnswer:
            return (await guest.bus.ask(order, table, id=name)).message

        return system.visit(work)

    return ask


def titles(ask: Ask, **where: Any) -> list[str]:
    return [row["title"] for row in ask("list", where=where).rows]


def add(title: str) -> dict[str, Any]:
    return {"verb": "insert", "table": "todo", "values": {"title": title}}


def test_a_batch_is_carried_out_whole_with_a_row_for_each_order(ask: Ask):
    old = ask("insert", values={"title": "batch old"}).rows[0]
    orders = [
        add("batch new"),
        {"verb": "toggle", "table": "todo", "id": old["id"], "values": {"field": "done"}},
        {"verb": "update", "table": "setting", "id": "batch", "values": {"value": 5}},
        {"verb": "update", "table": "todo", "id": old["id"], "values": {"done": True}},
        {"verb": "delete", "table": "todo", "where": {"title": "nobody"}},
    ]

    answer = ask("batch", values={"orders": orders}, name="batch-1")
    again = ask("batch", values={"orders": orders}, name="batch-1")

    assert answer.ok, answer.error
    assert [row.get("title") for row in answer.rows] == ["batch new", "batch old", None, "batch old", None]
    assert [row.get("done") for row in answer.rows] == [False, True, None, True, None]
    assert answer.rows[2] == {"id": "batch", "value": 5}
    assert len(answer.changes) == 3, "what was so already is no change"
    assert (again.rows, again.changes) == (answer.rows, answer.changes)
    assert titles(ask, title="batch new") == ["batch new"]


def test_a_batch_with_a_bad_order_changes_nothing_and_names_the_bad_one(ask: Ask):
    kept = ask("insert", values={"title": "bad batch"}).rows[0]
    before = ask("list", "change", limit=1, sort="-id").rows[0]["id"]
    orders = [add("never"), {"verb": "delete", "table": "todo", "id": kept["id"]}, add("x" * 2_001), add("neither")]

    answer = ask("batch", values={"orders": orders})

    assert (answer.error["code"], answer.error["index"]) == ("too_long", 2)
    assert titles(ask, title=["never", "bad batch", "neither"]) == ["bad batch"]
    assert ask("list", "change", limit=1, sort="-id").rows[0]["id"] == before
    assert ask("insert", values={"title": "goes on"}).changes == [before + 1]


@pytest.mark.parametrize(
    ("orders", "index"),
    [
        (None, None),
        ([], None),
        ([{"verb": "insert"}] * 1_001, None),
        (["insert"], 0),
        ([add("fine"), {"verb": "list", "table": "todo"}], 1),
        ([add("fine"), {"verb": "batch", "values": {"orders": []}}], 1),
        ([add("fine"), {"verb": "delete", "table": "todo", "id": 1.5}], 1),
        ([add("fine"), {"verb": "delete", "table": "change", "id": 1}], 1),
        ([add("fine"), {"verb": "delete", "table": "todo", "surprise": 1}], 1),
    ],
)
def test_an_invalid_batch_is_refused(ask: Ask, orders: Any, index: int | None):
    answer = ask("batch", values={"orders": orders})

    assert answer.error["code"] in ("bad_value", "wrong_type")
    assert answer.error.get("index") == index
    assert titles(ask, title="fine") == []


def test_a_deleted_row_is_in_the_answer_of_its_batch_as_it_was(ask: Ask):
    row = ask("insert", values={"title": "gone in a batch"}).rows[0]
    orders = [{"verb": "delete", "table": "todo", "id": row["id"]}]

    first = ask("batch", values={"orders": orders}, name="batch-gone")
    again = ask("batch", values={"orders": orders}, name="batch-gone")

    assert first.rows == again.rows == [row]


# --- several undone ---


def test_several_changes_are_undone_the_newest_first_whatever_their_order(ask: Ask):
    row = ask("insert", values={"title": "undo me"}).rows[0]
    changes = [ask("update", key=row["id"], values={"title": f"undo {number}"}).changes[0] for number in range(3)]

    answer = ask("undo", values={"changes": [changes[1], changes[2], changes[0]]})

    assert answer.ok, answer.error
    assert ask("get", key=row["id"]).rows[0]["title"] == "undo me"


def test_of_several_changes_none_is_undone_when_a_newer_one_prevents_one_of_them(ask: Ask):
    row = ask("insert", values={"title": "stays"}).rows[0]
    other = ask("insert", values={"title": "stays too"})
    first = ask("update", key=row["id"], values={"title": "one"}).changes[0]
    newer = ask("update", key=row["id"], values={"title": "two"}).changes[0]

    answer = ask("undo", values={"changes": [other.changes[0], first]})

    assert answer.error["code"] == "conflict"
    assert (answer.error["index"], answer.error["change"]) == (1, newer)
    assert ask("get", key=other.rows[0]["id"]).ok


@pytest.mark.parametrize("changes", [[], "1", [True], [1, 1], [None], list(range(1_001)), [99_999_999], [2**64 - 1]])
def test_an_invalid_list_of_changes_is_refused(ask: Ask, changes: Any):
    assert ask("undo", values={"changes": changes}).error["code"] in ("bad_value", "not_found")


# --- lists ---


def test_a_list_says_how_many_rows_match_whatever_its_limit(ask: Ask):
    ask("batch", values={"orders": [add("counted") for _ in range(7)]})

    answer = ask("list", where={"title": "counted"}, limit=2, offset=4)

    assert (len(answer.rows), answer.more, answer.total) == (2, True, 7)
    assert ask("get", key=answer.rows[0]["id"]).total == 0


def test_a_range_takes_both_its_ends(ask: Ask):
    rows = ask("batch", values={"orders": [add("ranged") for _ in range(4)]}).rows
    ids = [row["id"] for row in rows]

    def found(**bounds: Any) -> list[int]:
        return [row["id"] for row in ask("list", where={"title": "ranged", "id": bounds}).rows]

    assert found(**{"from": ids[1], "to": ids[2]}) == ids[1:3]
    assert found(**{"from": ids[2]}) == ids[2:]
    assert found(to=ids[0]) == ids[:1]
    assert found(**{"from": ids[2], "to": ids[1]}) == []


@pytest.mark.parametrize(
    "where",
    [
        {"id": {}},
        {"id": {"from": "1"}},
        {"id": {"from": [1]}},
        {"id": {"over": 1}},
        {"title": {"from": "a"}},
        {"done": {"from": 0}},
        {"id": {"to": 2**64 - 1}},
        {"id": list(range(1_001))},
    ],
)
def test_a_range_or_list_that_cannot_be_compared_is_refused(ask: Ask, where: dict):
    assert ask("list", where=where).error["code"] in ("wrong_type", "bad_value")


# --- the history ---


def test_the_history_says_for_each_change_who_did_what_and_why_and_whether_it_was_undone(ask: Ask):
    row = ask("insert", values={"title": "told"}, actor="model", name="told-1").rows[0]
    revision = ask("update", key=row["id"], values={"title": "retold"}).changes[0]
    undo = ask("undo", values={"change": revision}).changes[0]

    inserted, updated, undone = ask("list", "change", where={"subject": "todo", "row": row["id"]}).rows

    assert (inserted["verb"], inserted["actor"], inserted["asked"]) == ("insert", "model", "told-1")
    assert inserted["after"] == row
    assert (updated["id"], updated["before"], updated["after"]) == (revision, {"title": "told"}, {"title": "retold"})
    assert (updated["undone_by"], undone["undoes"]) == (undo, revision)
    assert ask("get", "change", undo).rows == [undone]
    assert ask("list", "change", where={"at": {"from": inserted["at"]}, "actor": "model"}).rows[0]["id"]


def test_a_change_of_long_texts_is_read_with_its_texts_cut(ask: Ask):
    values = {"conversation": 1, "role": "user", "text": "€" * 200_000}
    row = ask("insert", "message", values=values).rows[0]
    revision = ask("update", "message", row["id"], values={"text": "™" * 200_000}).changes[0]

    change = ask("get", "change", revision).rows[0]

    assert change["before"]["text"] == "€" * 10_000 + "…"
    assert ask("undo", values={"change": revision}).rows[0]["text"] == "€" * 200_000


@pytest.mark.parametrize("verb", ["insert", "update", "delete", "toggle", "sort"])
def test_nobody_writes_the_history(ask: Ask, verb: str):
    answer = ask(verb, "change", 1, values={"actor": "user"})

    assert answer.error == {
        "code": "bad_value",
        "message": "`change` is written by the store itself. It can only be read.",
    }
