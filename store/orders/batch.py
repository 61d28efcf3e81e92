"""Several orders in one, all or none: what a map of `values.orders` means, and which row it was about."""

from typing import Any

from apps.tables import BadValue
from bus.errors import BadMessage
from bus.messages import StoreOrder
from store.tables.history import Change, Place

MOST_ORDERS = 1_000
VERBS = ("insert", "update", "delete", "toggle", "sort", "undo")
FIELDS = ("verb", "table", "id", "values", "where")


def maps_of(order: StoreOrder) -> list[Any]:
    """Return what the orders of a batch are to be read from, as many as are allowed."""
    maps: Any = order.values.get("orders")
    if type(maps) is not list or not 0 < len(maps) <= MOST_ORDERS:
        count = f"has {len(maps):,}" if type(maps) is list else f"is {maps!r:.60}"
        raise BadValue("bad_value", f"values.orders {count}. Expected a list of 1 to {MOST_ORDERS:,} orders.")
    return maps


def order_of(one: Any, batch: StoreOrder) -> StoreOrder:
    """Return an order of a batch, or raise `BadValue`."""
    if type(one) is not dict or not one.keys() <= set(FIELDS) or one.get("verb") not in VERBS:
        expected = f"a map of {', '.join(FIELDS)}, with one of the verbs {', '.join(VERBS)}"
        raise BadValue("bad_value", f"An order of the batch is {one!r:.60}. Expected {expected}.")
    try:
        return StoreOrder.from_body({"table": batch.table, **one, "actor": batch.actor})
    except BadMessage as problem:
        raise BadValue("wrong_type", f"An order of the batch cannot be read: {problem}.") from problem


def place_of(order: StoreOrder, changes: list[Change]) -> Place | None:
    """Return which row an order of a batch was about: the one it names, or the first that it changed."""
    if order.id and order.verb != "undo":
        return order.table, order.id
    return (changes[0].table, changes[0].id) if changes else None
