"""The orders in a batch: check and read the maps of `values.orders`, and find the row that each one is about."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from apps.tables import BadValue, Field, Row, Table
from bus.errors import BadMessage
from bus.limits import MAX_BATCH_ORDERS
from bus.messages import StoreOrder
from store.tables.history import Change, RowRef, RowRefs

VERBS = ("insert", "update", "delete", "toggle", "sort", "undo")
FIELDS = ("verb", "table", "id", "values", "where")


def maps_of(order: StoreOrder) -> list[Any]:
    """Return the maps in `values.orders`, or raise `BadValue` when there are none or too many."""
    maps: Any = order.values.get("orders")
    if type(maps) is not list or not 0 < len(maps) <= MAX_BATCH_ORDERS:
        count = f"has {len(maps):,}" if type(maps) is list else f"is {maps!r:.60}"
        raise BadValue("bad_value", f"values.orders {count}. Expected a list of 1 to {MAX_BATCH_ORDERS:,} orders.")
    return maps


def order_of(one: Any, batch: StoreOrder) -> StoreOrder:
    """Return the order in one map, or raise `BadValue`."""
    if type(one) is not dict or not one.keys() <= set(FIELDS) or one.get("verb") not in VERBS:
        expected = f"a map of {', '.join(FIELDS)}, with one of the verbs {', '.join(VERBS)}"
        raise BadValue("bad_value", f"An order of the batch is {one!r:.60}. Expected {expected}.")
    try:
        return StoreOrder.from_body({"table": batch.table, **one, "actor": batch.actor, "client": batch.client})
    except BadMessage as problem:
        raise BadValue("wrong_type", f"An order of the batch cannot be read: {problem}.") from problem


def with_links(order: StoreOrder, tables: Mapping[str, Table], made: RowRefs) -> StoreOrder:
    """Return an order in which links lead to rows: `{"order": 2}` is the row of the order at index 2 of the batch.

    `made`: the row of each order before this one.
    """
    table = tables.get(order.table)
    found: Row = {}
    for one in table.links if table else ():
        value = order.values.get(one.name)
        if type(value) is list and any(type(key) is dict for key in value):
            found[one.name] = [_key_of(key, one, made) if type(key) is dict else key for key in value]
    return replace(order, values={**order.values, **found}) if found else order


def _key_of(named: Row, one: Field, made: RowRefs) -> int | str:
    place: Any = named.get("order")
    ref = made[place] if type(place) is int and 0 <= place < len(made) else None
    if ref is None or ref[0] != one.to:
        expected = f"the index of an earlier order of the batch that is about a row of `{one.to}`"
        raise BadValue("bad_value", f"`{one.name}` links to {named!r:.60}. Expected {expected}, like {{'order': 0}}.")
    return ref[1]


def row_of(order: StoreOrder, changes: list[Change]) -> RowRef | None:
    """Return the row that an order of a batch is about: the one that it names, or the first one that it changed."""
    if order.id and order.verb != "undo":
        return order.table, order.id
    return (changes[0].table, changes[0].id) if changes else None
