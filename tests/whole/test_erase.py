"""Deleted for good in the whole system: no file of the home holds a word of it, while all runs and afterwards."""

import signal
import sqlite3
import time
from collections.abc import Iterator

import pytest

from bus.messages import LlmFinished, LogWritten, StoreChanged, StoreOrder
from store.cleaner import DONE
from tests.support.http_client import Tab, Visitor
from tests.support.system import Guest, System, message_of

WORD = "xyzzyplugh"
PROCESSES = ("broker", "store", "logger", "llm_worker", "agent", "web")


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System() as system:
        system.start(*PROCESSES)
        yield system


def places(system: System) -> list[str]:
    """Return the files of the home that hold the word, without the backups."""
    files = [path for path in system.home.rglob("*") if path.is_file() and "backups" not in path.parts]
    return [str(path.relative_to(system.home)) for path in files if WORD.encode() in path.read_bytes().lower()]


async def clean(guest: Guest, after: int) -> None:
    """Wait until the store says that the files are clean."""
    await guest.until(lambda heard: isinstance(heard.message, LogWritten) and heard.message.text == DONE, after=after)


async def all_clean(guest: Guest, system: System) -> None:
    """Wait until the store has finished all deletions. It says so after each, when nothing of it is owed any more."""
    while owed(system):
        await clean(guest, len(guest.heard))


async def made(guest: Guest, tab: Tab, table: str, **values: str) -> int:
    """Insert a row by the page; return its id."""
    after = len(guest.heard)
    assert await tab.command("insert", table=table, **values) == ""
    fact = await guest.until(lambda heard: isinstance(heard.message, StoreChanged) and heard.message.table == table,
                             after=after)  # fmt: skip
    return int(fact.message.id)


def test_words_put_everywhere_by_all_ways_are_gone_from_every_file(system):
    visitor = Visitor(system)

    async def work(guest: Guest) -> None:
        async with visitor.tab() as tab:
            row = await made(guest, tab, "todo", title=f"buy {WORD}")
            assert await tab.command("update", table="todo", id=row, title=f"sell {WORD}s") == ""
            assert await tab.command("searched", text=WORD, found=1) == ""
            assert await tab.command("say", text=f"add {WORD} pie") == ""
            added = await guest.until(
                lambda heard: isinstance(heard.message, StoreChanged) and heard.message.table == "todo"
                and heard.message.actor == "model"
            )  # fmt: skip
            assert await tab.command("say", text=f"what is {WORD}?") == ""
            await guest.until(lambda heard: isinstance(heard.message, LlmFinished) and len(guest.all(LlmFinished)) > 1)
            talk = guest.all(StoreChanged, table="conversation")[0].id
            assert await tab.command("update", table="conversation", id=talk, title=f"On {WORD}") == ""
            gone = await made(guest, tab, "todo", title=f"{WORD} deleted before")
            assert await tab.command("delete", table="todo", id=gone) == ""
            assert await tab.command("no such", table=WORD) != ""
            before = places(system)
            assert {"pianola.db-wal", "logs/bus.log"} <= set(before), before
            assert any(name.startswith("spool/") for name in before), before

            await tab.command("erase-ask", table="conversation", id=talk)
            question = await tab.until(lambda frame: "for good?" in frame)
            assert "exported" in question
            assert "cannot be undone" in question
            after = len(guest.heard)
            for table, key in (("conversation", talk), ("todo", row), ("todo", added.message.id), ("todo", gone)):
                assert await tab.command("erase", table=table, id=key) == ""
            for table, key in (("conversation", talk), ("todo", row), ("todo", gone)):
                await guest.until(message_of(StoreChanged, table=table, id=key, verb="erase"))
            assert WORD not in repr([fact for fact in guest.all(StoreChanged) if fact.verb == "erase"]).lower()
            await clean(guest, after)
            await all_clean(guest, system)
            assert places(system) == [], rows_left(system)

    system.visit(work)
    assert WORD not in visitor.page("/").lower()
    assert WORD not in visitor.page("/apps/journal?app=everything").lower()


def rows_left(system: System) -> list[tuple[str, str]]:
    """Return the rows of the database that hold the word, each with its table."""
    with sqlite3.connect(f"file:{system.settings.database}?mode=ro", uri=True) as reader:
        tables = [name for (name,) in reader.execute("select name from sqlite_master where type = 'table'")]
        rows = [(name, str(tuple(row))) for name in tables for row in reader.execute(f'select * from "{name}"')]
    return [(name, row) for name, row in rows if WORD in row.lower()]


def owed(system: System) -> int:
    """Return how many deletions the store has not finished yet."""
    with sqlite3.connect(f"file:{system.settings.database}?mode=ro", uri=True) as reader:
        return int(reader.execute("select count(*) from erasing").fetchone()[0])


def test_a_store_that_was_killed_in_between_finishes_at_its_next_start(system):
    visitor = Visitor(system)

    async def work(guest: Guest) -> None:
        async with visitor.tab() as tab:
            row = await made(guest, tab, "todo", title=f"{WORD} again")
            order = StoreOrder(verb="erase", table="todo", id=row)
            first = await guest.bus.ask(order, "todo", id="erase-once")
            system.kill("store", signal.SIGKILL)
            after = len(guest.heard)
            system.start("store")
            second = await guest.bus.ask(order, "todo", id="erase-once")
            assert first.message.changes == second.message.changes
            assert second.message.ok
            await clean(guest, after)

    system.visit(work)
    assert owed(system) == 0
    left = rows_left(system)
    system.stop()
    assert places(system) == [], left


def test_a_process_that_hears_of_a_row_when_it_is_gone_for_good_writes_no_word_of_it():
    async def work(guest: Guest) -> None:
        chatty = StoreOrder(verb="update", table="setting", id="mode", values={"value": "chatty"})
        await guest.bus.ask(chatty, "setting")
        system.signal("agent", signal.SIGSTOP)
        try:
            order = StoreOrder(verb="insert", table="todo", values={"title": f"{WORD} by mistake"})
            row = (await guest.bus.ask(order, "todo")).message.rows[0]["id"]
            await guest.bus.ask(StoreOrder(verb="erase", table="todo", id=row), "todo")
        finally:
            system.signal("agent", signal.SIGCONT)
        await guest.bus.ask(StoreOrder(verb="insert", table="todo", values={"title": "milk"}), "todo")
        await guest.until(lambda heard: is_remark_on(heard.message, "milk"))
        await all_clean(guest, system)

    with System() as system:
        system.start(*PROCESSES)
        system.visit(work)
        assert rows_left(system) == []


def is_remark_on(message: object, word: str) -> bool:
    """Return whether a remark about a row with this word begins."""
    if not isinstance(message, StoreChanged) or message.table != "message" or message.verb != "insert":
        return False
    return word in (message.row["detail"] or {}).get("happened", "")


def test_old_changes_go_at_the_start_and_what_they_did_says_so():
    with System({"PIANOLA_HISTORY_DAYS": "1"}) as system:
        system.start("broker", "store")

        async def fill(guest: Guest) -> None:
            for title in ("old", "new"):
                await guest.bus.ask(StoreOrder(verb="insert", table="todo", values={"title": title}), "todo")

        system.visit(fill)
        system.stop("store")
        with sqlite3.connect(system.settings.database) as connection:
            connection.execute("update change set at = ? where revision = 1", [time.time() - 2 * 86_400])
        system.start("store")

        async def look(guest: Guest) -> None:
            undo = await guest.bus.ask(StoreOrder(verb="undo", table="todo", values={"change": 1}), "todo")
            assert "too old" in undo.message.error["message"]
            undo = await guest.bus.ask(StoreOrder(verb="undo", table="todo", values={"change": 2}), "todo")
            assert undo.message.ok

        system.visit(look)
