"""Bad input over the bus: the sender gets a sentence, nobody else is disturbed, and the file stays as it was."""

import asyncio
import hashlib
from typing import Any

import pytest

from bus.messages import StoreAnswer, StoreOrder
from bus.wire import MAX_FRAME_BYTES, encode
from store.writer import Writer
from tests.store.test_orders import FakeBus, envelope
from tests.support.local_store import Store
from tests.support.system import Guest, System, message_of


@pytest.fixture(scope="module")
def system():
    with System() as system:
        system.start("broker", "store")
        yield system


def ask(system: System, order: StoreOrder) -> StoreAnswer:
    async def work(guest: Guest) -> StoreAnswer:
        return (await guest.bus.ask(order, order.table[:100])).message

    return system.visit(work)


def fingerprint(system: System) -> str:
    """Return the contents of all tables as one text, to compare before and after."""
    rows = [ask(system, StoreOrder(verb="list", table=name)).rows for name in ("todo", "setting", "profile", "change")]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


NAMES = [
    "sqlite_master",
    "done",
    "__proto__",
    "users; DROP TABLE todo",
    'todo" --',
    "../../x",
    "TODO",
    "tоdo",
    "todo_fts",
    "todo\x00",
    "answered",
    "change_read",
    "x" * 500_000,
    "",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20])
def test_a_table_or_field_that_is_not_declared_is_refused_by_its_name(system: System, name: str):
    before = fingerprint(system)
    for verb in ("list", "insert", "delete", "sort"):
        answer = ask(system, StoreOrder(verb=verb, table=name, id=1))
        assert answer.error["code"] == "unknown_table"
        assert len(answer.error["message"]) < 1_000
    orders = [
        StoreOrder(verb="insert", table="todo", values={"title": "x", name: 1}),
        StoreOrder(verb="update", table="setting", id="theme", values={name: 1}),
        StoreOrder(verb="list", table="todo", where={name: 1}),
    ]
    if name not in ("", "done"):
        orders.append(StoreOrder(verb="list", table="todo", sort=name))
        for order in orders:
            assert ask(system, order).error["code"] == "unknown_field"

    assert fingerprint(system) == before


VALUES = [
    2**63,
    2**64 - 1,
    -(2**63),
    float("nan"),
    float("inf"),
    b"bytes",
    {"nested": {"deeper": [1]}},
    ["list"],
    None,
    True,
    "x" * 900_000,
    "\x00",
    "' or 1=1 --",
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_a_value_of_the_wrong_kind_is_refused_wherever_it_stands(system: System, value: Any):
    before = fingerprint(system)
    orders = [
        StoreOrder(verb="insert", table="todo", values={"title": "x", "done": value if value is not True else "yes"}),
        StoreOrder(verb="insert", table="todo", values={"title": "x", "profile": value if value != -(2**63) else 0.5}),
        StoreOrder(verb="sort", table="todo", id=1, values={"after": value}),
        StoreOrder(verb="sort", table="todo", values={"by": value}),
        StoreOrder(verb="toggle", table="todo", id=1, values={"field": value}),
        StoreOrder(verb="undo", table="todo", values={"change": value}),
        StoreOrder(verb="undo", table="todo", values={"changes": value}),
        StoreOrder(verb="batch", table="todo", values={"orders": value}),
        StoreOrder(verb="batch", table="todo", values={"orders": [value]}),
        StoreOrder(verb="search", table="todo", values={"text": value if type(value) is not str else 5}),
    ]

    for order in orders:
        answer = ask(system, order)
        assert answer.error["code"] in ("wrong_type", "bad_value", "not_found", "missing_field", "unknown_field"), order
        assert len(answer.error["message"]) < 1_000

    assert fingerprint(system) == before


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, -(2**63)])
def test_a_number_that_sqlite_cannot_hold_is_no_id(system: System, number: int):
    for verb in ("get", "update", "delete", "toggle", "sort"):
        values = {"toggle": {"field": "done"}, "sort": {"after": 0}}.get(verb, {})
        assert ask(system, StoreOrder(verb=verb, table="todo", id=number, values=values)).error["code"] == "not_found"
    assert ask(system, StoreOrder(verb="list", table="todo", offset=number)).error.get("code") in ("bad_value", None)
    assert ask(system, StoreOrder(verb="list", table="todo", limit=number)).error["code"] == "bad_value"


CONDITIONS = [
    "1=1",
    "1 or 1=1",
    "' or '1'='1",
    '" or ""="',
    "1; drop table todo; --",
    "1 union select * from setting",
    "/**/or/**/1=1",
    "%' and 1=0 --",
    "title",
    "(select 1)",
]


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_written_as_sql_is_a_value_or_an_unknown_field(system: System, text: str):
    row = ask(system, StoreOrder(verb="insert", table="todo", values={"title": f"kept {text}"})).rows[0]
    before = fingerprint(system)

    as_value = ask(system, StoreOrder(verb="delete", table="todo", where={"title": text}))
    as_id = ask(system, StoreOrder(verb="delete", table="todo", id=text))

    assert (as_value.ok, as_value.rows) == (True, [])
    assert as_id.error["code"] == "not_found"
    if text != "title":
        as_field = ask(system, StoreOrder(verb="delete", table="todo", where={text: 1}))
        assert as_field.error["code"] == "unknown_field"
    assert fingerprint(system) == before
    assert ask(system, StoreOrder(verb="get", table="todo", id=row["id"])).rows == [row]


def test_a_row_that_would_not_pass_the_bus_is_refused(system: System):
    values = {"conversation": 1, "role": "user", "text": "😀" * 150_000, "thinking": "😀" * 90_000}
    row = {"conversation": 1, "role": "user", "text": "😀" * 150_000}
    kept = ask(system, StoreOrder(verb="insert", table="message", values=row)).rows[0]
    update = {"thinking": "😀" * 90_000}

    answer = ask(system, StoreOrder(verb="update", table="message", id=kept["id"], values=update))

    assert len("".join(map(str, values.values())).encode()) < MAX_FRAME_BYTES
    assert answer.error["code"] == "too_long"
    assert "at most 921,600 bytes fit" in answer.error["message"]


def test_a_long_list_is_cut_at_a_quarter_of_what_a_frame_holds(system: System):
    for number in range(40):
        values = {"value": "x" * 19_000}
        assert ask(system, StoreOrder(verb="update", table="setting", id=f"long-{number}", values=values)).ok

    answer = ask(system, StoreOrder(verb="list", table="setting", limit=1_000))
    body = encode(answer, "", envelope(1, StoreOrder(verb="list", table="setting")).header)[2]

    assert answer.more
    assert answer.total >= 40
    assert len(body) < 300 * 1024


def test_a_flood_from_one_sender_delays_the_others_but_loses_none_of_their_orders(system: System):
    async def work(guest: Guest) -> None:
        async with system.guest("flood") as flood:
            for number in range(5_000):
                order = StoreOrder(verb="insert", table="todo", values={"title": f"flood {number}"})
                flood.bus.say(order, "todo")
                if number % 500 == 0:
                    await asyncio.sleep(0)
            asked = [
                guest.bus.ask(
                    StoreOrder(verb="insert", table="todo", values={"title": f"mine {number}"}), "todo", seconds=60
                )
                for number in range(20)
            ]
            answers = await asyncio.gather(*asked)

        assert all(answer.message.ok for answer in answers)
        listed = await guest.bus.ask(StoreOrder(verb="list", table="todo", where={"title": "mine 19"}), "todo")
        assert listed.message.total == 1

    pid = system.processes["store"].pid
    system.visit(work)
    assert system.processes["store"].pid == pid
    assert system.processes["store"].poll() is None


def test_an_order_that_makes_the_store_fail_is_answered_and_spoils_no_other(tmp_path):
    from apps.registry import load_apps

    store, guest = Store(tmp_path / "pianola.db", load_apps()), FakeBus()
    writer = Writer(store.connection, store.registry.tables, guest, guest.log)
    lone = StoreOrder(verb="insert", table="todo", values={"title": "x"}, where={})
    object.__setattr__(lone, "values", None)  # a case that no check covers

    for number, order in enumerate([StoreOrder(verb="insert", table="todo", values={"title": "fine"}), lone]):
        writer.take(envelope(number, order))
    writer.serve()

    assert [answer.ok for answer in guest.answers] == [True, False]
    assert guest.answers[1].error["code"] == "failed"
    assert "the store failed at the order o-1" in guest.logged[0]
    assert store.order("list").total == 1


def test_the_processes_are_still_the_same(system: System):
    async def work(guest: Guest) -> Any:
        guest.bus.say(StoreOrder(verb="list", table="todo"), "todo")
        return await guest.until(message_of(StoreAnswer))

    assert system.visit(work).message.ok
    assert "Traceback" not in system.outputs()
