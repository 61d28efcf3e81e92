"""The store: a confirmed change is on disk exactly once, all are told of it, and everything can be undone."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.registry import load_apps
from bus.errors import NoAnswer
from bus.messages import StoreAnswer, StoreChanged, StoreOrder
from bus.wire import Envelope, Header
from store.file.database import BadDatabase, open_database
from store.file.migrations import migrate
from store.orders.orders import Orders
from store.tables.history import History, Reason
from store.writer import Writer
from tests.support.system import Guest, System


class Client:
    """Sends orders over the bus."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest

    async def order(self, verb: Any, table: str = "todo", key: Any = 0, *, name: str = "", **more: Any) -> StoreAnswer:
        order = StoreOrder(verb=verb, table=table, id=key, **more)
        return (await self.guest.bus.ask(order, table, id=name, cause="click-1")).message

    async def add(self, title: str, name: str = "") -> dict[str, Any]:
        return (await self.order("insert", values={"title": title}, name=name)).rows[0]


@pytest.fixture(scope="module")
def system():
    with System() as system:
        system.start("broker", "store")
        yield system


@pytest.fixture
def play(system: System):
    def play(work: Callable[[Client], Awaitable[None]]) -> None:
        system.visit(lambda guest: work(Client(guest)))

    return play


def test_a_change_is_answered_and_then_said_to_all_with_its_cause(play):
    async def work(client: Client) -> None:
        answer = await client.order("insert", values={"title": "milk"}, name="order-1")

        fact = await client.guest.until(lambda heard: isinstance(heard.message, StoreChanged))

        assert fact.message.row == answer.rows[0]
        assert fact.message.revision == answer.revision
        assert (fact.header.cause, fact.message.order_cause) == ("order-1", "click-1")
        assert fact.key == "todo"

    play(work)


def test_an_order_that_is_repeated_takes_effect_once_and_gets_the_same_answer(play):
    async def work(client: Client) -> None:
        first = await client.order("insert", values={"title": "once"}, name="again")
        second = await client.order("insert", values={"title": "once"}, name="again")

        assert (first.rows, first.changes) == (second.rows, second.changes)
        assert first.changes == [first.revision]
        assert len((await client.order("list", where={"title": "once"})).rows) == 1

    play(work)


def test_an_order_that_failed_fails_again_even_when_it_would_succeed_now(play):
    async def work(client: Client) -> None:
        refused = await client.order("update", key=10_000, values={"done": True}, name="early")
        again = await client.order("update", key=10_000, values={"done": True}, name="early")

        assert refused.error["code"] == "not_found"
        assert again.error == refused.error

    play(work)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"verb": "list", "table": "sqlite_master"}, "unknown_table"),
        ({"verb": "list", "table": "todo; drop table todo"}, "unknown_table"),
        ({"verb": "insert", "values": {"titel": "x"}}, "unknown_field"),
        ({"verb": "insert", "values": {"id": 3, "title": "x"}}, "unknown_field"),
        ({"verb": "insert", "values": {}}, "missing_field"),
        ({"verb": "insert", "values": {"title": "  "}}, "bad_value"),
        ({"verb": "insert", "values": {"title": 5}}, "wrong_type"),
        ({"verb": "insert", "values": {"title": "x" * 2_001}}, "too_long"),
        ({"verb": "insert", "values": {"title": "x", "position": float("nan")}}, "wrong_type"),
        ({"verb": "insert", "values": {"title": "x", "done": "yes"}}, "wrong_type"),
        ({"verb": "get", "key": 99_999}, "not_found"),
        ({"verb": "get", "key": "1"}, "not_found"),
        ({"verb": "list", "where": {"title": {"a": 1}}}, "wrong_type"),
        ({"verb": "list", "where": {"1=1; --": 1}}, "unknown_field"),
        ({"verb": "list", "sort": "title; --"}, "unknown_field"),
        ({"verb": "list", "limit": -1}, "bad_value"),
        ({"verb": "list", "limit": 1_001}, "bad_value"),
        ({"verb": "delete"}, "missing_field"),
        ({"verb": "toggle", "key": 1, "values": {"field": "title"}}, "bad_value"),
        ({"verb": "sort"}, "missing_field"),
        ({"verb": "undo", "values": {"change": 99_999}}, "not_found"),
        ({"verb": "insert", "table": "setting", "values": {"value": 1}}, "missing_field"),
    ],
)
def test_an_invalid_order_is_refused_with_a_code_and_a_sentence(play, order: dict, code: str):
    async def work(client: Client) -> None:
        answer = await client.order(**order)

        assert answer.error.get("code") == code, answer
        assert answer.error["message"].endswith(".")

    play(work)


@pytest.mark.parametrize(
    ("values", "field"),
    [({}, "title"), ({"title": " "}, "title"), ({"title": "x", "done": "yes"}, "done"), ({"titel": "x"}, None)],
)
def test_the_refusal_of_a_value_names_its_field(play, values: dict, field: str | None):
    async def work(client: Client) -> None:
        answer = await client.order(verb="insert", values=values)

        assert answer.error.get("field") == field

    play(work)


def test_a_row_moves_behind_another_one_and_to_the_front(play):
    async def work(client: Client) -> None:
        ids = [(await client.add(title))["id"] for title in ("sort a", "sort b", "sort c")]
        await client.order("sort", key=ids[2], values={"after": ids[0]})
        behind = [row["id"] for row in (await client.order("list")).rows if row["id"] in ids]
        await client.order("sort", key=ids[1], values={"after": 0})
        front = (await client.order("list")).rows[0]["id"]

        assert behind == [ids[0], ids[2], ids[1]]
        assert front == ids[1]

    play(work)


def test_rows_can_be_moved_into_the_same_gap_any_number_of_times(play):
    async def work(client: Client) -> None:
        first, second, third = [(await client.add(f"gap {number}"))["id"] for number in range(3)]
        for _ in range(60):
            await client.order("sort", key=third, values={"after": first})
            second, third = third, second

        rows = [row["id"] for row in (await client.order("list", where={"id": [first, second, third]})).rows]

        assert rows == [first, second, third]

    play(work)


def test_an_update_that_would_overwrite_a_newer_one_is_a_conflict(play):
    async def work(client: Client) -> None:
        row = await client.add("mine")
        await client.order("update", key=row["id"], values={"title": "theirs"})
        answer = await client.order("update", key=row["id"], values={"title": "ours"}, where={"title": "mine"})

        assert answer.error["code"] == "conflict"
        assert "theirs" in answer.error["message"]

    play(work)


def test_an_undo_of_a_change_that_was_changed_again_names_the_newer_one(play):
    async def work(client: Client) -> None:
        row = await client.add("one")
        first = await client.order("update", key=row["id"], values={"title": "two"})
        second = await client.order("update", key=row["id"], values={"title": "three"})
        answer = await client.order("undo", values={"change": first.revision})

        assert (
            answer.error["message"]
            == f"The row was changed again since (change {second.revision}). Undo that one first."
        )

    play(work)


def test_the_undo_of_a_step_takes_back_its_whole_order_and_its_counter_goes_on(play):
    async def work(client: Client) -> None:
        begun = {"title": "Review", "workflow": "weekly_review", "step": "next", "turn": 4}
        await client.order("insert", "workflow_run", "run-1", values=begun)
        orders = [
            {"verb": "update", "table": "workflow_run", "id": "run-1", "values": {"step": "report", "turn": 5}},
            {"verb": "insert", "table": "todo", "values": {"title": "of the step"}},
            {"verb": "insert", "table": "todo", "values": {"title": "deleted since"}},
        ]
        done = await client.order("batch", "workflow_run", values={"orders": orders})
        of_run, of_todo, _ = done.changes
        kept, deleted = (row["id"] for row in done.rows[-2:])
        await client.order("delete", key=deleted)

        ticked = await client.order("update", key=kept, values={"done": True})
        refused = await client.order("undo", values={"change": of_run})
        assert refused.error["message"] == (
            f"Change {of_run} is undone together with change {of_todo} of the same step. "
            f"The row was changed again since (change {ticked.revision}). Undo that one first."
        )

        await client.order("undo", values={"change": ticked.revision})
        undone = await client.order("undo", values={"change": of_run})
        assert len(undone.changes) == 2
        run = (await client.order("get", "workflow_run", "run-1")).rows[0]
        assert (run["step"], run["turn"]) == ("next", 6)
        assert not (await client.order("list", where={"title": "of the step"})).rows

        again = await client.order("undo", values={"change": undone.changes[-1]})
        assert len(again.changes) == 2
        run = (await client.order("get", "workflow_run", "run-1")).rows[0]
        assert (run["step"], run["turn"]) == ("report", 7)
        assert (await client.order("list", where={"title": "of the step"})).rows

    play(work)


def test_the_undo_of_an_older_step_is_possible_when_the_newer_one_was_undone(play):
    async def work(client: Client) -> None:
        begun = {"title": "Review", "workflow": "weekly_review", "step": "done", "turn": 1}
        await client.order("insert", "workflow_run", "run-2", values=begun)
        steps = [("look_back", 2), ("summary", 3)]
        made = [
            await client.order("update", "workflow_run", "run-2", values={"step": step, "turn": turn})
            for step, turn in steps
        ]
        for answer in reversed(made):
            undone = await client.order("undo", values={"change": answer.revision})
            assert undone.ok, undone.error

        run = (await client.order("get", "workflow_run", "run-2")).rows[0]
        assert (run["step"], run["turn"]) == ("done", 5)

    play(work)


def test_search_finds_beginnings_of_words_and_takes_no_operator_from_the_user(play):
    async def work(client: Client) -> None:
        row = await client.add('buy "fresh" Müsli AND it\'s foo-bar')
        for text in ("fre", "musli", 'fresh" OR', "foo-bar", "it's", "AND"):
            found = (await client.order("search", table="", values={"text": text})).rows
            wanted = text != 'fresh" OR'
            assert (row["id"] in [one["id"] for one in found if one["_table"] == "todo"]) == wanted, text

    play(work)


def test_a_long_list_comes_in_pages_that_fit_a_frame(play):
    async def work(client: Client) -> None:
        for number in range(3):
            values = {"conversation": 1, "role": "user", "text": "€" * 150_000}
            await client.order("insert", "message", values=values, name=f"long-{number}")
        answer = await client.order("list", "message", limit=1000)

        assert len(answer.rows) == 1
        assert answer.more

    play(work)


def test_a_long_text_can_be_replaced_by_another_although_the_fact_has_no_room_for_both(play):
    async def work(client: Client) -> None:
        values = {"conversation": 1, "role": "user", "text": "€" * 200_000}
        row = (await client.order("insert", "message", values=values)).rows[0]
        answer = await client.order("update", "message", key=row["id"], values={"text": "™" * 200_000})
        fact = await client.guest.until(
            lambda heard: isinstance(heard.message, StoreChanged) and heard.message.revision == answer.revision
        )

        assert fact.message.row["text"] == "™" * 200_000
        assert fact.message.before == {}

    play(work)


def test_a_stopped_store_is_named_and_does_not_carry_out_late_orders(system: System):
    async def work(guest: Guest) -> None:
        system.signal("store", signal.SIGSTOP)
        with pytest.raises(NoAnswer, match="store gave no answer"):
            await guest.bus.ask(
                StoreOrder(verb="insert", table="todo", values={"title": "too late"}), "todo", seconds=0.5
            )
        system.signal("store", signal.SIGCONT)
        answer = await guest.bus.ask(StoreOrder(verb="list", table="todo", where={"title": "too late"}), "todo")

        assert answer.message.rows == []

    system.visit(work)


def test_a_foreign_lock_delays_a_change_and_then_refuses_it_whole(system: System):
    async def work(guest: Guest) -> None:
        foreign = sqlite3.connect(system.settings.database, isolation_level=None)
        foreign.execute("begin immediate")
        order = StoreOrder(verb="insert", table="todo", values={"title": "waits"})
        answer = (await guest.bus.ask(order, "todo", seconds=20, id="waits")).message
        foreign.execute("rollback")
        foreign.close()
        again = (await guest.bus.ask(order, "todo", seconds=20, id="waits")).message

        assert answer.error["code"] == "busy"
        assert again.ok

    system.visit(work)


def test_a_full_disk_refuses_changes_while_reads_go_on_and_recovers_without_a_restart():
    table = Table()
    table.order("insert", values={"title": "kept"})
    pages = table.connection.execute("pragma page_count").fetchone()[0]
    table.connection.execute(f"pragma max_page_count={pages + 1}")
    guest = FakeBus()
    writer = Writer(table.connection, load_apps().tables, guest, guest.log)

    for number in range(200):
        writer.take(envelope(number, StoreOrder(verb="insert", table="todo", values={"title": "x" * 900})))
        writer.take(envelope(1_000 + number, StoreOrder(verb="list", table="todo", limit=1)))
        writer.serve()
    table.connection.execute("pragma max_page_count=100000")
    writer.take(envelope(5_000, StoreOrder(verb="insert", table="todo", values={"title": "room again"})))
    writer.serve()

    writes, reads = guest.answers[:-1:2], guest.answers[1:-1:2]
    assert {answer.error.get("code") for answer in writes} == {None, "disk_full"}
    assert all(answer.ok and answer.rows[0]["title"] == "kept" for answer in reads)
    assert guest.answers[-1].ok
    assert table.connection.execute("pragma integrity_check").fetchone()[0] == "ok"


def envelope(number: int, order: StoreOrder) -> Envelope:
    return Envelope(order.table, Header(f"o-{number}", "", "asker-1", number, 1.0), order)


class FakeBus:
    """Takes the place of the bus and the log of a writer, and keeps the answers."""

    def __init__(self) -> None:
        self.answers: list[StoreAnswer] = []
        self.logged: list[str] = []

    def log(self, _level: str, text: str, _error: BaseException) -> None:
        self.logged.append(text)

    def say(self, message: Any, _key: str, **_more: Any) -> None:
        if isinstance(message, StoreAnswer):
            self.answers.append(message)


# --- files that cannot be used ---


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    path = tmp_path / "pianola.db"
    connection = open_database(path)
    migrate(connection, load_apps(), tmp_path / "backups")
    connection.close()
    return path


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 400)


def replace(path: Path) -> None:
    path.write_text("These are my notes, not a database.\n" * 9)


def age(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("pragma user_version=999")


def lend(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("create table photos (id)")


def link(path: Path) -> None:
    shutil.move(path, path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def lock(path: Path) -> None:
    path.chmod(0o400)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (damage, "is damaged|cannot be opened"),
        (replace, "no SQLite file"),
        (age, "written by a newer Pianola .version 999"),
        (lend, "belongs to another program"),
        (link, "is a link"),
        (lock, "may not be written. .*chmod 600"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_left_as_it_is(database_file: Path, harm, sentence: str):
    harm(database_file)
    before = database_file.read_bytes()

    with pytest.raises(BadDatabase, match=sentence) as raised:
        open_database(database_file)

    assert str(database_file) in str(raised.value)
    assert database_file.read_bytes() == before


def test_the_process_refuses_to_start_and_writes_the_reason_to_its_problem_file(tmp_path: Path):
    with System() as system:
        replace(system.settings.database)
        system.start("broker")
        store = system.launch("store")

        assert store.wait(60) == 3
        assert "no SQLite file" in (system.settings.run / "store.problem").read_text()
        del system.processes["store"]


def test_the_file_is_private_whatever_the_umask(tmp_path: Path):
    before = os.umask(0)
    try:
        connection = open_database(tmp_path / "a.db")
        connection.execute("create table t (a)")
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.glob("a.db*")}
        connection.close()
    finally:
        os.umask(before)

    assert modes == {0o600}


# --- everything can be undone ---


class Table:
    """Carries out orders without a bus, on a database in memory."""

    def __init__(self) -> None:
        registry = load_apps()
        tables = registry.tables
        connection = sqlite3.connect(":memory:", isolation_level=None)
        migrate(connection, registry, Path("unused"))
        self.connection, self.history = connection, History(connection)
        self.orders = Orders(connection, tables, self.history)
        self.number = 0

    def order(self, verb: Any, key: Any = 0, **more: Any) -> Any:
        self.number += 1
        order = StoreOrder(verb=verb, table="todo", id=key, **more)
        return self.orders.carry_out(order, Reason("user", f"order-{self.number}", ""))

    def contents(self) -> list[Any]:
        return self.connection.execute("select * from todo order by id").fetchall()


IDS = st.integers(1, 6)
ACTIONS = st.one_of(
    st.tuples(
        st.just("insert"), st.just(0), st.fixed_dictionaries({"values": st.fixed_dictionaries({"title": st.text()})})
    ),
    st.tuples(st.just("update"), IDS, st.fixed_dictionaries({"values": st.fixed_dictionaries({"title": st.text()})})),
    st.tuples(st.just("toggle"), IDS, st.just({"values": {"field": "done"}})),
    st.tuples(st.just("delete"), IDS, st.just({})),
    st.tuples(
        st.just("sort"), IDS, st.fixed_dictionaries({"values": st.fixed_dictionaries({"after": st.integers(0, 6)})})
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=15))
def test_undoing_all_changes_in_reverse_gives_back_the_same_table(actions: list[tuple[str, int, dict]]):
    table = Table()
    for title in "abc":
        table.order("insert", values={"title": title})
    before, revision = table.contents(), table.history.revision

    for verb, key, more in actions:
        table.order(verb, key, **more)
    for change in range(table.history.revision, revision, -1):
        assert not table.order("undo", values={"change": change}).error

    assert table.contents() == before
