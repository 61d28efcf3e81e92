"""Ticking a row that repeats makes the next one, once; undo takes both back. Parts stand under their row."""

from datetime import datetime, timedelta

import pytest

from apps.registry import load_apps
from bus.messages import StoreOrder
from store.tables.history import Reason
from tests.support.local_store import Store

TODAY = datetime.now().date()
TOMORROW = (TODAY + timedelta(days=1)).isoformat()


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "store.db", load_apps())
    yield made
    made.connection.close()


def add(store: Store, **values: object) -> int:
    outcome = store.order("insert", "todo", values=values)
    assert not outcome.error, outcome.error
    return outcome.rows[0]["id"]


def todos(store: Store, **where: object) -> list[dict]:
    return store.order("list", "todo", where=where).rows


def tick(store: Store, key: int, **more: object):
    return store.order("update", "todo", key, values={"done": True}, **more)


def daily(store: Store, **values: object) -> int:
    return add(store, **{"title": "water the plants", "due": TODAY.isoformat(), "repeat": "FREQ=DAILY", **values})


def shown(store: Store) -> list[tuple]:
    return [(row["title"], row["done"], row["due"], row["repeat"]) for row in todos(store)]


NEXT = [
    ("water the plants", True, TODAY.isoformat(), None),
    ("water the plants", False, TOMORROW, "FREQ=DAILY"),
]


@pytest.mark.parametrize("verb", ["update", "toggle"])
def test_ticking_makes_the_next_one_right_behind(store, verb):
    key = daily(store, tags=["home"], note="Gently.")
    add(store, title="after")

    store.order(verb, "todo", key, values={"done": True} if verb == "update" else {"field": "done"})

    first, second, last = todos(store)
    assert shown(store)[:2] == NEXT
    assert (second["tags"], second["note"], last["title"]) == (["home"], "Gently.", "after")
    assert second["created"] >= first["created"]


def test_the_same_order_twice_makes_one(store):
    key = daily(store)
    reason = Reason("user", "once", "")

    for _ in range(2):
        order = StoreOrder(verb="toggle", table="todo", id=key, values={"field": "done"})
        assert not store.orders.carry_out(order, reason).error

    assert shown(store) == NEXT


def test_ticking_again_makes_no_other_one(store):
    key = daily(store)

    for _ in range(3):
        store.order("toggle", "todo", key, values={"field": "done"})

    assert shown(store) == NEXT


def test_several_in_a_batch_make_one_each_and_each_is_undone_alone(store):
    keys = [daily(store, title=title) for title in ("one", "two")]
    orders = [{"verb": "update", "table": "todo", "id": key, "values": {"done": True}} for key in keys]

    made = store.order("batch", "todo", values={"orders": orders})
    assert [row[1] for row in shown(store)] == [True, False, True, False]
    store.order("undo", "", values={"change": made.revisions[0]})

    assert [(row[0], row[1]) for row in shown(store)] == [("one", False), ("two", True), ("two", False)]


@pytest.mark.parametrize("which", [0, 1])
def test_undo_of_either_change_takes_both_back(store, which):
    key = daily(store)
    made = tick(store, key)

    outcome = store.order("undo", "", values={"change": made.revisions[which]})

    assert not outcome.error
    assert shown(store) == [("water the plants", False, TODAY.isoformat(), "FREQ=DAILY")]


def test_undo_is_refused_when_the_next_one_was_changed_since(store):
    key = daily(store)
    made = tick(store, key)
    store.order("update", "todo", todos(store)[1]["id"], values={"title": "water them more"})

    outcome = store.order("undo", "", values={"change": made.revisions[0]})

    assert outcome.error["code"] == "conflict"
    assert len(todos(store)) == 2


def test_an_undone_tick_that_is_redone_brings_both_back(store):
    key = daily(store)
    made = tick(store, key)
    undone = store.order("undo", "", values={"changes": made.revisions[::-1]})

    store.order("undo", "", values={"changes": undone.revisions[::-1]})

    assert shown(store) == NEXT


def test_what_is_long_overdue_comes_next_in_the_future(store):
    old = (TODAY - timedelta(days=400)).isoformat()
    key = daily(store, due=old, repeat="FREQ=WEEKLY")

    tick(store, key)

    due = datetime.fromisoformat(todos(store)[1]["due"]).date()
    assert TODAY <= due < TODAY + timedelta(days=7)
    assert (due - datetime.fromisoformat(old).date()).days % 7 == 0


def test_the_last_time_makes_no_next_one(store):
    key = daily(store, repeat="FREQ=DAILY;COUNT=1")

    tick(store, key)

    assert len(todos(store)) == 1


def test_parts_stand_behind_their_row_and_come_again_with_it(store):
    key = daily(store)
    add(store, title="last")
    for title in ("front", "back"):
        add(store, title=title, parent=[key])
    assert [row["title"] for row in todos(store)] == ["water the plants", "front", "back", "last"]

    made = tick(store, key)

    again = next(row["id"] for row in todos(store) if row["due"] == TOMORROW)
    assert [(row["title"], row["done"]) for row in todos(store, parent=again)] == [("front", False), ("back", False)]
    assert not store.order("undo", "", values={"change": made.revisions[0]}).error
    assert [row["title"] for row in todos(store)] == ["water the plants", "front", "back", "last"]


def test_a_part_of_a_part_is_refused(store):
    first = add(store, title="first")
    second = add(store, title="second", parent=[first])

    assert "parts of parts" in store.order("insert", "todo", values={"title": "x", "parent": [second]}).error["message"]
    other = add(store, title="other")
    assert "parts of parts" in store.order("update", "todo", first, values={"parent": [other]}).error["message"]


def test_due_dates_are_sorted_and_found_by_what_they_mean(store):
    for due in ("2026-11-28", "2026-11-28T09:00", "2026-11-28T23:30", None, "2026-11-27"):
        add(store, title=str(due), due=due)

    found = store.order("list", "todo", sort="due").rows
    day = {"from": "2026-11-28T00:00", "to": "2026-11-28"}

    expected = ["2026-11-27", "2026-11-28T09:00", "2026-11-28T23:30", "2026-11-28", "None"]
    assert [row["title"] for row in found] == expected
    assert len(todos(store, due=day)) == 3
    assert [row["title"] for row in todos(store, due={"to": "2026-11-28T10:00"})] == ["2026-11-28T09:00", "2026-11-27"]
    assert [row["title"] for row in todos(store, due=None)] == ["None"]


def order(store: Store) -> list[str]:
    return [row["title"] for row in todos(store)]


@pytest.fixture
def family(store):
    """Return the ids of todos: two above a family of three, and one below."""
    keys = {title: add(store, title=title) for title in ("first", "second", "pack", "last")}
    return keys | {title: add(store, title=title, parent=[keys["pack"]]) for title in ("passport", "charger")}


@pytest.mark.parametrize(
    ("title", "after", "expected"),
    [
        ("pack", "", ["pack", "passport", "charger", "first", "second", "last"]),
        ("second", "pack", ["first", "pack", "passport", "charger", "second", "last"]),
        ("second", "passport", ["first", "pack", "passport", "charger", "second", "last"]),
        ("last", "passport", ["first", "second", "last", "pack", "passport", "charger"]),
        ("last", "charger", ["first", "second", "pack", "passport", "charger", "last"]),
        ("charger", "pack", ["first", "second", "pack", "charger", "passport", "last"]),
        ("passport", "charger", ["first", "second", "pack", "charger", "passport", "last"]),
    ],
)
def test_a_family_stays_together_when_rows_are_moved(store, family, title, after, expected):
    outcome = store.order("sort", "todo", family[title], values={"after": family.get(after, 0)})

    assert not outcome.error
    assert order(store) == expected


def test_sorting_by_due_date_keeps_families_together(store, family):
    store.order("update", "todo", family["last"], values={"due": TODAY.isoformat()})
    store.order("update", "todo", family["charger"], values={"due": TOMORROW})

    store.order("sort", "todo", values={"by": "due"})

    assert order(store) == ["last", "first", "second", "pack", "charger", "passport"]


def test_a_todo_that_repeats_and_has_no_date_begins_with_the_first_day_of_its_rule(store):
    add(store, title="x", repeat="FREQ=DAILY")

    assert todos(store)[0]["due"] == TODAY.isoformat()


def test_links_of_a_batch_lead_to_its_own_rows(store):
    orders = [
        {"verb": "insert", "values": {"title": "pack"}},
        {"verb": "insert", "values": {"title": "passport", "parent": [{"order": 0}]}},
    ]

    made = store.order("batch", "todo", values={"orders": orders})

    assert made.rows[1]["parent"] == [made.rows[0]["id"]]
    orders[1]["values"]["parent"] = [{"order": 1}]
    assert (
        "Expected the index of an earlier order"
        in store.order("batch", "todo", values={"orders": orders}).error["message"]
    )
