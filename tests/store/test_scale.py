"""Many rows and a long history: reads use an index, and long work is limited or refused as a whole."""

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from apps.registry import load_apps
from bus.limits import MAX_CHANGED_ROWS
from tests.support.local_store import Store

ROWS = 100_000
STEP = 1_000
"""SQLite counts its steps in thousands; its virtual machine does about ten million steps per second."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a file in which profile 1 has many todos. Tests only read it."""
    store = Store(tmp_path_factory.mktemp("scale") / "pianola.db", load_apps())
    fill(store, ROWS)
    store.connection.close()
    return store.file


def fill(store: Store, rows: int) -> None:
    words = ("milk", "bread", "letter", "garden", "piano", "window", "ticket", "tax", "doctor", "book", "train")
    values = (
        (f"todo {words[number % 11]} {words[number % 7]} {number}", number % 2, float(number))
        for number in range(1, rows + 1)
    )
    store.connection.execute("begin")
    store.connection.executemany("insert into todo (title, done, profile, position) values (?, ?, 1, ?)", values)
    store.connection.execute("commit")


@pytest.fixture
def many(full: Path) -> Store:
    return Store(full, load_apps())


def steps(store: Store, verb: str, table: str = "todo", **more: Any) -> int:
    """Return how many thousand steps SQLite takes for an order."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    store.connection.set_progress_handler(count, STEP)
    try:
        outcome = store.order(verb, table, **more)
    finally:
        store.connection.set_progress_handler(None, 0)
    assert not outcome.error, outcome.error
    return counted[0]


def plan(connection: sqlite3.Connection, work: Any, table: str = "todo") -> str:
    """Return SQLite's query plan for each statement that reads a table during some work."""
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    work()
    connection.set_trace_callback(None)
    selects = [sql for sql in statements if sql.startswith("select") and f'"{table}"' in sql]
    assert selects
    return "\n".join(str(row) for sql in selects for row in connection.execute(f"explain query plan {sql}"))


@pytest.mark.parametrize("sort", ["", "position", "-position"])
@pytest.mark.parametrize("offset", [0, ROWS // 2])
def test_a_page_of_the_list_is_read_along_an_index_wherever_it_is(many: Store, sort: str, offset: int):
    way = plan(many.connection, lambda: many.order("list", where={"profile": 1}, sort=sort, limit=100, offset=offset))

    assert "todo_place" in way
    assert "TEMP B-TREE" not in way


APPS = {"subject": ["todo", "profile"]}
A_WEEK = {"from": 1_700_000_000.0, "to": 1_700_600_000.0}


@pytest.fixture
def history(tmp_path: Path) -> Store:
    """Make a file with some changes, every third one undone."""
    store = Store(tmp_path / "pianola.db", load_apps())
    made = [store.order("insert", values={"title": str(number)}).revisions[0] for number in range(60)]
    for revision in made[::3]:
        assert not store.order("undo", values={"change": revision}).error
    return store


@pytest.mark.parametrize("sort", ["-id", "id"])
@pytest.mark.parametrize(
    "where",
    [
        APPS,
        {**APPS, "actor": "model"},
        {**APPS, "at": A_WEEK},
        {**APPS, "actor": ["model", "user"], "at": {"from": 1_700_000_000.0}},
        {"subject": ["setting"]},
    ],
    ids=str,
)
def test_the_journal_is_filtered_and_counted_by_an_index_alone(history: Store, where: dict[str, Any], sort: str):
    def work() -> None:
        history.order("list", "change", where=where, sort=sort, limit=100, offset=20)

    way = plan(history.connection, work, "change_read")

    assert way.count("SEARCH change USING COVERING INDEX") == 2, "the ids of the page, and the count"
    assert way.count("SEARCH change USING INTEGER PRIMARY KEY") == 1, "the page"
    assert "SCAN change" not in way


@pytest.mark.parametrize("where", [{}, {"actor": "model"}, {"at": A_WEEK}], ids=str)
def test_the_whole_journal_is_read_from_its_newest_end_and_counted_by_an_index(history: Store, where: dict[str, Any]):
    way = plan(history.connection, lambda: history.order("list", "change", where=where, sort="-id"), "change_read")

    assert "TEMP B-TREE" not in way
    assert "SCAN change USING COVERING INDEX" in way


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"subject": "todo", "row": list(range(100)), "actor": ["model"]}, "change_row (subject=? AND row=?)"),
        ({"subject": "todo", "row": 1, "actor": ["user", "app"]}, "change_row (subject=? AND row=?)"),
        ({"subject": "todo", "row": [1, 2], "verb": "delete"}, "change_row (subject=? AND row=?)"),
        ({"asked": ["5.1#0"], "subject": "todo", "verb": "insert"}, "change_asked (asked=?)"),
        ({"undone_by": 0, "id": [1, 2, 3], "at": {"from": 1_700_000_000.0}}, "INTEGER PRIMARY KEY (rowid=?)"),
    ],
    ids=str,
)
def test_other_queries_of_the_history_use_an_index_on_rows_orders_or_revisions(
    history: Store, where: dict[str, Any], index: str
):
    way = plan(history.connection, lambda: history.order("list", "change", where=where, sort="-id"), "change_read")

    assert way.count(index) >= 2, "the page, and the count"
    assert "change_filter" not in way


def test_the_pages_of_the_history_are_the_same_as_all_of_it(history: Store):
    whole = history.order("list", "change", where=APPS, sort="-id", limit=1_000).rows

    pages = [history.order("list", "change", where=APPS, sort="-id", limit=7, offset=at).rows for at in range(0, 80, 7)]

    assert [change for page in pages for change in page] == whole
    assert [change["id"] for change in whole] == list(range(80, 0, -1))
    assert {change["id"]: change["undone_by"] for change in whole if change["undone_by"]} == {
        revision: 61 + number for number, revision in enumerate(range(1, 61, 3))
    }


@pytest.mark.parametrize(
    "order",
    [
        {"verb": "list", "where": {"profile": 1}, "limit": 100},
        {"verb": "list", "where": {"profile": 1, "done": True}, "limit": 100},
        {"verb": "list", "where": {"profile": 1}, "limit": 100, "offset": ROWS - 100},
        {"verb": "search", "table": "", "values": {"text": "t"}},
        {"verb": "search", "table": "", "values": {"text": "todo"}, "where": {"profile": 1}},
        {"verb": "search", "table": "", "values": {"text": "milk bread"}},
        {"verb": "search", "table": "todo", "values": {"text": "todo"}, "where": {"profile": 7}},
    ],
    ids=str,
)
def test_a_list_or_search_takes_few_steps(many: Store, order: dict[str, Any]):
    assert steps(many, **order) <= 2_000


def test_rows_are_sorted_as_people_sort_without_blocking_the_store_for_long(many: Store):
    began = time.process_time()

    rows = many.order("list", where={"profile": 1}, sort="title", limit=100).rows

    assert time.process_time() - began < 2, "about a third of a second, when nobody else uses the processor"
    titles = [row["title"].rsplit(" ", 1) for row in rows]
    assert titles[0][0] == "todo book bread"
    assert [int(number) for _, number in titles] == sorted(int(number) for _, number in titles)


def test_a_new_row_and_a_move_take_few_steps(many: Store):
    many.connection.execute("begin")

    assert steps(many, "insert", values={"title": "one more", "profile": 1}) <= 1
    assert steps(many, "sort", key=ROWS, values={"after": 5}) <= 1
    for _ in range(60):
        assert steps(many, "sort", key=ROWS - 1, values={"after": 5}) <= 10
        assert steps(many, "sort", key=ROWS, values={"after": 5}) <= 10
    rows = many.order("list", where={"profile": 1}, limit=8).rows
    many.connection.execute("rollback")

    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5, ROWS, ROWS - 1, 6]


@pytest.mark.parametrize(
    "order",
    [{"verb": "delete", "where": {"profile": 1}}, {"verb": "sort", "where": {"profile": 1}, "values": {"by": "title"}}],
    ids=lambda order: order["verb"],
)
def test_an_order_that_would_block_all_others_is_refused_as_a_whole(many: Store, order: dict[str, Any]):
    outcome = many.order(**order)

    assert outcome.error["message"].startswith("100,000 rows of `todo` match, at most 10,000 can be changed at once.")
    assert many.order("list", limit=1).total == ROWS


def test_a_batch_changes_no_more_than_a_single_order_may(many: Store):
    sort = {"verb": "sort", "table": "todo", "where": {"id": {"to": 6_000}}, "values": {"by": "-title"}}
    back = sort | {"values": {"by": "id"}}

    outcome = many.order("batch", values={"orders": [sort, back]})

    assert outcome.error["message"] == "One order can change at most 10,000 rows. Divide it."
    assert outcome.error["index"] == 1
    assert many.order("list", "change").total == 0


def test_as_many_rows_as_are_allowed_are_sorted_deleted_and_answered_within_a_frame(tmp_path: Path):
    store = Store(tmp_path / "pianola.db", load_apps())
    fill(store, MAX_CHANGED_ROWS)

    ordered = store.order("sort", where={"profile": 1}, values={"by": "-title"})
    first = store.order("list", where={"profile": 1}, limit=1).rows[0]["title"]
    deleted = store.order("delete", where={"profile": 1})

    assert not ordered.error
    assert first.startswith("todo window")
    assert (len(deleted.rows), deleted.more, len(deleted.revisions)) == (1_000, True, MAX_CHANGED_ROWS)
    assert store.order("list").total == 0
    again = store.order("undo", values={"changes": deleted.revisions[-1_000:]})
    assert (again.error, store.order("list").total) == ({}, 1_000)
