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
