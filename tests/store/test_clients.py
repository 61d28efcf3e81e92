"""Which program gave an order is in the history, and what was answered to an order can be asked again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.registry import load_apps
from bus.messages import StoreOrder
from store.orders.orders import Outcome
from store.tables.history import Reason
from tests.support.local_store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "pianola.db", load_apps())
    yield made
    made.connection.close()


def give(store: Store, verb: Any, name: str = "order-1", client: str = "importer", **fields: Any) -> Outcome:
    order = StoreOrder(verb=verb, table="todo", client=client, **fields)
    return store.orders.carry_out(order, Reason(order.actor, name, "", order.client))


def clients(store: Store) -> list[str]:
    order = StoreOrder(verb="list", table="change", sort="id")
    return [row["client"] for row in store.orders.carry_out(order, Reason("user", "", "")).rows]


def test_each_change_of_an_order_has_its_client(store: Store):
    give(store, "insert", "one", values={"title": "by it"})
    give(store, "batch", "two", values={"orders": [{"verb": "insert", "values": {"title": n}} for n in "ab"]})
    give(store, "undo", "three", client="another", values={"change": 1})
    give(store, "insert", "four", client="", values={"title": "by the user"})

    assert clients(store) == ["importer", "importer", "importer", "another", ""]


def test_an_order_with_the_id_of_another_one_is_refused(store: Store):
    first = give(store, "insert", "one", values={"title": "a"}, digest="a")

    assert give(store, "insert", "one", values={"title": "a"}, digest="a").revisions == first.revisions
    for digest in ("b", ""):
        assert give(store, "insert", "one", values={"title": "b"}, digest=digest).error["code"] == "reused"
    assert len(clients(store)) == 1


def test_an_order_of_an_earlier_version_which_knew_no_digest_is_repeated(store: Store):
    first = give(store, "insert", "one", values={"title": "a"})

    assert give(store, "insert", "one", values={"title": "a"}, digest="a").revisions == first.revisions


def test_a_digest_has_a_limit(store: Store):
    assert give(store, "insert", values={"title": "no"}, digest="x" * 65).error["code"] == "too_long"
    assert clients(store) == []


def test_the_programs_that_have_changed_something_are_counted_by_an_index(store: Store):
    give(store, "insert", "one", values={"title": "a"})
    give(store, "insert", "two", client="", values={"title": "b"})
    order = StoreOrder(verb="sum", table="change", values={"by": "client"})

    rows = store.orders.carry_out(order, Reason("user", "", "")).rows
    assert [(row["value"], row["count"]) for row in rows] == [("", 1), ("importer", 1)]
    plan = store.connection.execute("explain query plan select count(*), min(client) from change group by client")
    assert "USING COVERING INDEX change_client" in str(plan.fetchall())


def test_the_name_of_a_client_has_a_limit(store: Store):
    outcome = give(store, "insert", client="x" * 61, values={"title": "no"})

    assert outcome.error["code"] == "too_long"
    assert clients(store) == []


def test_an_answer_can_be_asked_again(store: Store):
    done = give(store, "insert", "one", values={"title": "once"})
    refused = give(store, "delete", "two", id=99)

    again = give(store, "recall", "", values={"order": "one"})
    assert (again.rows, again.revisions, again.changes) == (done.rows, done.revisions, [])
    assert give(store, "recall", "", values={"order": "two"}).error == refused.error


@pytest.mark.parametrize("values", [{"order": "never"}, {"order": 1}, {"order": ""}, {}])
def test_an_order_that_was_never_carried_out_is_not_known(store: Store, values: dict[str, Any]):
    assert give(store, "recall", "", values=values).error["code"] == "unknown_order"
