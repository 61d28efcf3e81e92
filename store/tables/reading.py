"""The verbs that read: list, get, search. A long answer ends after a whole row, and says that there are more."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import msgpack

from apps.tables import BadValue, Row
from apps.types.numbers import LARGEST_INTEGER
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder
from store.tables.rows import Rows
from store.tables.search import search

DEFAULT_ROWS = 100
MAX_ANSWER_BYTES = 256 * 1024
"""Longest answer, encoded; a single row may be longer."""
CUT_CHARACTERS = 10_000
"""A longer text in the history is cut to this when the change is too long for an answer."""


@dataclass(slots=True)
class Found:
    """Rows for an answer, whether there are more, and (for list) how many match in total."""

    rows: list[Row]
    more: bool = False
    total: int = 0


def list_rows(order: StoreOrder, rows: Rows) -> Found:
    """Return the rows that match, one page of them."""
    limit = limit_of(order)
    if not 0 <= order.offset <= LARGEST_INTEGER:
        raise BadValue("bad_value", f"offset is {order.offset}. Expected 0 or more.")
    found = fitting(map(_shortened, rows.each(order.where, order.sort, limit + 1, order.offset)), limit)
    found.total = rows.count(order.where)
    return found


def get_row(order: StoreOrder, rows: Rows) -> Found:
    """Return one row."""
    return Found([_shortened(existing(rows, order.id))])


def search_tables(connection: sqlite3.Connection, order: StoreOrder, tables: Iterable[Rows]) -> Found:
    """Return the rows whose text matches, the best first, each with `_table` and `_snippet`."""
    text = order.values.get("text", "")
    if type(text) is not str:
        raise BadValue("wrong_type", f"values.text is {text!r:.60}. Expected the words to look for.")
    if not order.table and not order.where.keys() <= {"profile"}:
        raise BadValue("unknown_field", "A search of all tables can be limited by `profile` only.")
    limit = limit_of(order)
    return fitting(search(connection, tables, text, order.where, limit + 1), limit)


def existing(rows: Rows, key: int | str) -> Row:
    """Return a row, or raise `not_found`."""
    row = rows.get(key)
    if row is None:
        raise BadValue("not_found", f"There is no {rows.table.name} with id {key!r:.60} (any more).")
    return row


def limit_of(order: StoreOrder) -> int:
    """Return how many rows an answer may have."""
    if not 0 <= order.limit <= MAX_ANSWER_ROWS:
        raise BadValue("bad_value", f"limit is {order.limit}. Expected 0 (for {DEFAULT_ROWS}) to {MAX_ANSWER_ROWS}.")
    return order.limit or DEFAULT_ROWS


def fitting(rows: Iterable[Row], limit: int) -> Found:
    """Return rows up to the limit and the size of an answer. The first row is returned whatever its size."""
    taken, size = list[Row](), 0
    for row in rows:
        size += bytes_of(row)
        if len(taken) == limit or (taken and size > MAX_ANSWER_BYTES):
            return Found(taken, more=True)
        taken.append(row)
    return Found(taken)


def bytes_of(row: Row) -> int:
    """Return the size of a row on the bus, in bytes."""
    return len(msgpack.packb(row))


def _shortened(row: Row) -> Row:
    """Cut the texts of a change that is too long for an answer: a change holds its row twice."""
    if "after" not in row or bytes_of(row) <= MAX_ANSWER_BYTES:
        return row
    return {**row, "before": _cut_texts(row["before"]), "after": _cut_texts(row["after"])}


def _cut_texts(values: Row) -> Row:
    def cut(value: object) -> object:
        is_long = isinstance(value, str) and len(value) > CUT_CHARACTERS
        return f"{str(value)[:CUT_CHARACTERS]}…" if is_long else value

    return {name: cut(value) for name, value in values.items()}
