"""The verbs that read: list, get, search. Long answers are cut after a row, and say so."""

import sqlite3

from apps.tables import BadValue, Row, Table
from bus.messages import StoreOrder
from store.rows import Rows
from store.search import search

MAX_ROWS = 1_000
DEFAULT_ROWS = 100
MAX_ANSWER_CHARACTERS = 200 * 1024

Found = tuple[list[Row], bool]
"""Rows, and whether there are more."""


def list_rows(order: StoreOrder, rows: Rows) -> Found:
    """Return rows that match."""
    limit = limit_of(order)
    if order.offset < 0:
        raise BadValue("bad_value", f"offset is {order.offset}. Expected 0 or more.")
    return cut(rows.list(order.where, order.sort, limit + 1, order.offset), limit)


def get_row(order: StoreOrder, rows: Rows) -> Found:
    """Return one row."""
    return [existing(rows, order.id)], False


def search_tables(connection: sqlite3.Connection, order: StoreOrder, tables: list[Table]) -> Found:
    """Return rows whose text matches, each with `_table`."""
    text = order.values.get("text", "")
    if type(text) is not str:
        raise BadValue("wrong_type", f"values.text is {text!r:.60}. Expected the words to look for.")
    limit = limit_of(order)
    found = [row for table in tables for row in search(connection, table, text, limit + 1)]
    return cut(found, limit)


def existing(rows: Rows, key: int | str) -> Row:
    """Return a row, or raise `not_found`."""
    row = rows.get(key)
    if row is None:
        raise BadValue("not_found", f"There is no {rows.table.name} with id {key!r:.60} (any more).")
    return row


def limit_of(order: StoreOrder) -> int:
    """Return how many rows an answer may have."""
    if not 0 <= order.limit <= MAX_ROWS:
        raise BadValue("bad_value", f"limit is {order.limit}. Expected 0 (for {DEFAULT_ROWS}) to {MAX_ROWS}.")
    return order.limit or DEFAULT_ROWS


def cut(rows: list[Row], limit: int) -> Found:
    """Cut at the limit and at the size of an answer; at least one row stays."""
    kept, characters = list[Row](), 0
    for row in rows[:limit]:
        characters += sum(len(value) if type(value) is str else 20 for value in row.values())
        if kept and characters > MAX_ANSWER_CHARACTERS:
            break
        kept.append(row)
    return kept, len(kept) < len(rows)
