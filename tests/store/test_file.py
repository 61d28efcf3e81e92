"""The file on the disk: what it can be when the store starts, and what may be done to it under a running store."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from apps.registry import load_apps
from bus.messages import ServiceChanged, StoreAnswer, StoreBackUp, StoreOrder
from store.file.database import BadDatabase
from store.file.lock import FileLock
from store.file.opening import OpenFile, open_file
from store.file.watch import CHECKPOINT_BYTES, Exchanged
from tests.support.system import ROOT, Guest, System, message_of


async def add(guest: Guest, title: str) -> StoreAnswer:
    order = StoreOrder(verb="insert", table="todo", values={"title": title})
    return (await guest.bus.ask(order, "todo")).message


def titles(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        return [title for (title,) in connection.execute("select title from todo order by id")]


def opened(home: Path, warnings: list[str] | None = None) -> OpenFile:
    warn = [] if warnings is None else warnings
    return open_file(home / "pianola.db", home / "backups", load_apps(), warn.append, lambda _problem: None)


def write(file: OpenFile, title: str) -> None:
    file.watch.check()
    file.connection.execute("insert into todo (title) values (?)", [title])
    file.watch.checkpoint_if_due()


# --- exchanged under a running store ---


def rename_over(older: Path, database: Path) -> None:
    older.rename(database)


def overwrite(older: Path, database: Path) -> None:
    subprocess.run(["cp", "-p", str(older), str(database)], check=True)


def unlink(_older: Path, database: Path) -> None:
    database.unlink()


@pytest.mark.parametrize(
    ("exchange", "what"),
    [(rename_over, "was replaced by another file"), (overwrite, "was overwritten"), (unlink, "was removed")],
)
@pytest.mark.parametrize("copied", ["by cp", "by pianola"])
def test_a_store_whose_file_is_exchanged_confirms_nothing_more_and_harms_neither_file(
    exchange: Callable[[Path, Path], None], what: str, copied: str, tmp_path: Path
):
    """It says so in its answers, in its beats and in its problem file. The next start uses the file that is there."""
    older = tmp_path / "older.db"
    with System() as system:
        system.start("broker", "store")
        database = system.settings.database

        async def begin(guest: Guest) -> None:
            assert (await add(guest, "old")).ok
            assert (await guest.bus.ask(StoreBackUp(file=str(older)), seconds=30)).message.ok

        async def go_on(guest: Guest) -> None:
            assert (await add(guest, "new")).ok
            exchange(older, database)
            answer = await add(guest, "too late")
            assert (answer.ok, answer.error["code"]) == (False, "exchanged")
            assert what in answer.error["message"]
            assert "`pianola restore FILE`" in answer.error["message"]
            read = (await guest.bus.ask(StoreOrder(verb="list", table="todo"), "todo")).message
            assert read.error["code"] == "exchanged"
            await guest.until(message_of(ServiceChanged, process="store", state="failed"))
            backup = (await guest.bus.ask(StoreBackUp(), seconds=30)).message
            assert what in backup.problem, "what is there now is not taken for our data"

        system.visit(begin)
        if copied == "by cp":
            system.stop("store")
            shutil.copy(database, older)
            system.start("store")
        system.visit(go_on)
        assert what in (system.settings.run / "store.problem").read_text()
        system.stop("store")
        if exchange is unlink:
            assert system.launch("store").wait(60) == 3
            assert "is missing, but this home was used before" in system.output("store")
            del system.processes["store"]
        else:
            system.start("store")
            assert not (system.settings.run / "store.problem").exists()
            system.stop("store")
            assert titles(database) == ["old"]
            assert list(system.home.glob("pianola.db-wal-of-another-file-*"))


def test_the_watch_stays_true_over_many_checkpoints_and_what_others_do_to_the_same_file(tmp_path: Path):
    """Long readers, a VACUUM and a checkpoint by another program are no exchange; an older copy always is one."""
    file = opened(tmp_path)
    database = tmp_path / "pianola.db"
    copies = []
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        for number in range(24):
            if number % 8 == 3:
                other.execute("begin")
                other.execute("select count(*) from todo").fetchone()
            if number % 8 == 6:
                other.execute("rollback")
                other.execute("vacuum")
                other.execute("pragma wal_checkpoint(truncate)")
            write(file, "x" * (CHECKPOINT_BYTES // 3))
            if number == 10:
                shutil.copy(database, tmp_path / "older.db")
                copies.append(tmp_path / "older.db")
    file.watch.check()
    assert (tmp_path / "pianola.db-wal").stat().st_size < 4 * CHECKPOINT_BYTES

    subprocess.run(["cp", "-p", str(copies[0]), str(database)], check=True)

    with pytest.raises(Exchanged, match="was overwritten"):
        file.watch.check()
    with pytest.raises(Exchanged):
        write(file, "too late")
    file.close()
    assert database.read_bytes() == copies[0].read_bytes(), "closing has written nothing into it"


def test_a_wal_is_applied_to_its_own_file_and_to_no_other_one(tmp_path: Path):
    """After a kill: with the file as it was; with an older copy by cp, from before and after a start."""
    home = tmp_path / "home"
    home.mkdir()
    copies = []
    with System(home=home) as system:
        system.start("broker", "store")
        for number in range(3):

            async def work(guest: Guest, number: int = number) -> None:
                assert (await add(guest, f"title {number}")).ok

            system.visit(work)
            system.stop("store")
            copies.append(Path(shutil.copy(system.settings.database, tmp_path / f"{number}.db")))
            system.start("store")
        system.visit(lambda guest: add(guest, "only in the WAL"))
        system.kill("store")
    everything = ["title 0", "title 1", "title 2", "only in the WAL"]
    for number, copy in enumerate([None, *copies]):
        other = tmp_path / f"home {number}"
        shutil.copytree(home, other, ignore=shutil.ignore_patterns("run"))
        if copy:
            shutil.copy(copy, other / "pianola.db")
        warnings: list[str] = []

        opened(other, warnings).close()

        assert titles(other / "pianola.db") == (everything[:number] if copy else everything)
        assert ["is not the file that was open last" in text for text in warnings] == [True] * bool(copy)


# --- one file, one home ---


def test_a_file_belongs_to_one_home_and_the_lock_disturbs_none_of_sqlite(tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first = opened(tmp_path / "one")
    database = tmp_path / "one" / "pianola.db"
    os.link(database, tmp_path / "two" / "pianola.db")
    elsewhere = (
        "from store.file.lock import FileLock; from pathlib import Path; import sys; FileLock(Path(sys.argv[1]))"
    )

    def run_apart(code: str, *arguments: object) -> str:
        words = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stderr

    with closing(sqlite3.connect(database)) as one, closing(sqlite3.connect(database)) as two:
        one.execute("select count(*) from todo").fetchone()
        two.execute("select count(*) from todo").fetchone()
    assert "is in use by the store of another home" in run_apart(elsewhere, tmp_path / "two" / "pianola.db")

    write_apart = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0.1).execute('delete from answered')"
    first.connection.execute("begin immediate")
    assert "database is locked" in run_apart(write_apart, database), "SQLite's own lock still holds"
    first.connection.execute("rollback")
    assert run_apart(write_apart, database) == "", "and ours holds up nobody who uses SQLite"
    first.close()

    assert run_apart(elsewhere, tmp_path / "two" / "pianola.db") == ""
    warnings: list[str] = []
    opened(tmp_path / "two", warnings).close()
    assert "has another name somewhere (a hard link)" in warnings[0]


# --- what a start finds ---


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    file = opened(tmp_path)
    write(file, "milk")
    file.close()
    yield tmp_path
    FileLock(tmp_path / "pianola.db").close()  # every refusal has released it


def spoil_index(database: Path) -> None:
    """Let an index of the history lack an entry: no page is damaged, but answers are wrong."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(
            "insert into change values (1, 1, 'todo', 'insert', '1', '{}', '{}', 'user', '', 'a', 0, '')"
        )
        connection.execute("pragma writable_schema=on")
        root = connection.execute("select rootpage from sqlite_master where name = 'change_row'").fetchone()[0]
        size = connection.execute("pragma page_size").fetchone()[0]
        connection.execute("pragma wal_checkpoint(truncate)")
    with database.open("r+b") as file:
        file.seek((root - 1) * size + 3)
        file.write(b"\x00\x00")  # the number of cells of the page


def sql(*statements: str) -> Callable[[Path], None]:
    def run(database: Path) -> None:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    return run


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (sql("drop table todo"), "lacks the table `todo`"),
        (sql("drop view change_read", "drop table change"), "lacks the table `change`"),
        (sql("drop table shape"), "lacks its table `shape`"),
        (sql("drop table answered"), "lacks the table `answered`"),
        (sql("alter table profile drop column name"), "lacks the column `name` of the table `profile`"),
        (sql("drop table todo_fts"), "`todo`"),
        (sql("drop view change_read"), "lacks the view `change_read`"),
        (spoil_index, "is damaged"),
        (lambda database: os.truncate(database, 0), r"is empty \(0 bytes\), but this home was used before"),
        (lambda database: database.unlink() or shutil.copy("/dev/null", database), "is empty"),
        (lambda database: os.truncate(database, database.stat().st_size - 5000), "is damaged|malformed"),
    ],
)
def test_what_another_program_did_to_the_file_is_told_and_left(home: Path, harm: Callable[[Path], None], sentence: str):
    harm(home / "pianola.db")
    before = (home / "pianola.db").read_bytes()

    with pytest.raises(BadDatabase, match=sentence) as raised:
        opened(home)

    assert "pianola restore FILE" in str(raised.value)
    assert (home / "pianola.db").read_bytes() == before


def test_a_missing_file_is_new_only_in_a_home_that_was_never_used(home: Path):
    database, mark, backups = home / "pianola.db", home / "pianola.db-mark", home / "backups"
    backups.mkdir()
    newest = backups / "pianola-daily-20260102-030405.db"
    shutil.copy(database, newest)
    database.unlink()

    with pytest.raises(BadDatabase, match=f"is missing, but .* The newest backup is {newest}"):
        opened(home)
    mark.unlink()
    with pytest.raises(BadDatabase, match=r"is missing, but .* move pianola.db-mark and the folder backups .* away"):
        opened(home)
    assert not database.exists()

    newest.unlink()
    opened(home).close()
    assert titles(database) == []
