"""Backups are made while all runs, are whole or not there at all, and can be restored at any moment of a crash."""

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from apps.registry import load_apps
from bus.messages import StoreAnswer, StoreBackedUp, StoreBackUp, StoreOrder
from store.file.backup.folder import DAY_SECONDS, TIME, backups_in, daily_is_due
from store.file.backup.restore import NotRestored, restore
from store.file.opening import open_file
from tests.support.command import Ran, pianola
from tests.support.system import ROOT, Guest, System, message_of


def insert(title: str) -> StoreOrder:
    return StoreOrder(verb="insert", table="todo", values={"title": title})


async def add(guest: Guest, title: str) -> StoreAnswer:
    return (await guest.bus.ask(insert(title), "todo")).message


def titles(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        return [title for (title,) in connection.execute("select title from todo order by id")]


@pytest.fixture
def system() -> Iterator[System]:
    with System() as system:
        system.start("broker", "store")
        yield system


def test_a_backup_by_command_while_orders_go_on_and_one_while_nothing_runs(system: System, tmp_path: Path):
    """The first has everything that was confirmed before it began, is a single private file, and is checked."""

    async def work(guest: Guest) -> list[str]:
        await add(guest, "before")
        asked = asyncio.create_task(asyncio.to_thread(pianola, system, "backup", str(tmp_path / "copy.db")))
        number = 0
        while not asked.done():
            assert (await add(guest, f"meanwhile {number}")).ok
            number += 1
        assert (await asked).returncode == 0, (await asked).stderr
        return (await asked).stdout

    assert f"{tmp_path}/copy.db" in system.visit(work)
    assert titles(tmp_path / "copy.db")[0] == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["copy.db"]
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    again = pianola(system, "backup", str(tmp_path / "copy.db"))
    assert (again.returncode, "there is a file with this name already" in again.stderr) == (3, True)
    refused = pianola(system, "restore", str(tmp_path / "copy.db"))
    assert (refused.returncode, "cannot be put in place while Pianola runs" in refused.stderr) == (3, True)

    system.stop("store")
    made = pianola(system, "backup")
    listed = pianola(system, "backups")

    (one,) = [one for one in backups_in(system.home / "backups") if one.reason == "by hand"]
    assert made.returncode == listed.returncode == 0, made.stderr
    assert titles(one.file) == titles(system.settings.database)
    assert str(one.file) in made.stdout
    assert all(word in listed.stdout for word in ("by hand", str(one.file), time.strftime("%Y-%m-%d")))


FULL = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)); "
RUN_STORE = "runpy.run_module('store', run_name='__main__')"


def test_a_backup_without_room_says_so_leaves_nothing_and_orders_go_on(system: System):
    """The limit of the size of files takes the place of a full disk: the database is longer already."""

    async def fill(guest: Guest) -> None:
        for number in range(20):
            orders = [{"verb": "insert", "table": "todo", "values": {"title": "x" * 400}}] * 50
            batch = StoreOrder(verb="batch", table="todo", values={"orders": orders})
            assert (await guest.bus.ask(batch, "todo", id=f"batch {number}")).message.ok

    async def work(guest: Guest) -> StoreBackedUp:
        made = (await guest.bus.ask(StoreBackUp(), seconds=30)).message
        assert (await add(guest, "still there")).ok
        return made

    system.visit(fill)
    system.stop("store")
    with system.output_file("store").open("ab") as output:
        command = [sys.executable, "-c", FULL + RUN_STORE]
        system.processes["store"] = subprocess.Popen(
            command, cwd=ROOT, env=system.environment, stdout=output, stderr=output
        )
    system.wait_ready("store")

    made = system.visit(work)

    assert not made.ok
    assert "was not made" in made.problem
    assert "Make room on the disk" in made.problem
    assert list((system.home / "backups").iterdir()) == []


def test_each_day_a_backup_is_made_and_old_ones_go(system: System):
    """When the newest is older than a day, at the start; those by hand and those of other reasons stay."""
    backups = system.home / "backups"
    now = time.time()

    def plant(prefix: str, days: float) -> Path:
        backups.mkdir(exist_ok=True)
        file = backups / f"pianola-{prefix}-{time.strftime(TIME, time.localtime(now - days * DAY_SECONDS))}.db"
        file.write_text("a backup")
        return file

    async def begin(guest: Guest) -> None:
        await add(guest, "something")

    async def next_daily(guest: Guest) -> StoreBackedUp:
        system.launch("store")
        return (await guest.until(message_of(StoreBackedUp))).message

    system.visit(begin)
    system.stop("store")
    kept = {plant("daily", 1.1), plant("daily", 13), plant("by-hand", 99), plant("version1", 99)}
    plant("daily", 15)
    (backups / ".pianola-daily-20260102-030405.db.part").write_text("left by a kill")

    made = system.visit(next_daily)

    assert made.ok
    assert titles(Path(made.file)) == ["something"]
    while set(backups.iterdir()) != kept | {Path(made.file)}:
        time.sleep(0.01)  # they are deleted right after it is told
    assert not daily_is_due(backups, time.time())
    assert daily_is_due(backups, time.time() + DAY_SECONDS)
    assert daily_is_due(backups, now - 30), "made by a clock that was wrong"


# --- restore ---


@pytest.fixture
def stopped(tmp_path: Path) -> tuple[Path, Path]:
    """Return a home whose store was killed, with changes that are only in the WAL, and an older backup."""
    home = tmp_path / "home"
    home.mkdir()
    with System(home=home) as system:
        system.start("broker", "store")

        async def work(guest: Guest) -> None:
            await add(guest, "old")
            assert (await guest.bus.ask(StoreBackUp(file=str(tmp_path / "old.db")), seconds=30)).message.ok
            await add(guest, "new")

        system.visit(work)
        system.kill("store")
    return home, tmp_path / "old.db"


def restored(home: Path, file: Path | str) -> Ran:
    system = System(home=home)
    try:
        return pianola(system, "restore", str(file))
    finally:
        system._close()


def test_a_restored_file_takes_the_place_of_the_present_one_which_is_kept_whole(stopped: tuple[Path, Path]):
    home, old = stopped

    done = restored(home, old)

    assert done.returncode == 0, done.stderr
    assert titles(home / "pianola.db") == ["old"]
    (kept,) = backups_in(home / "backups")
    assert kept.reason == "before restore"
    assert str(kept.file) in done.stdout
    assert titles(kept.file) == ["old", "new"]
    assert titles(old) == ["old"], "it is still there"
    assert restored(home, kept.file.name).returncode == 0, "by its name alone"
    assert titles(home / "pianola.db") == ["old", "new"]


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("create table photos (id)")


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma user_version=999")


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def without_a_table(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("drop table change")


def test_what_is_not_ours_damaged_newer_or_not_there_is_refused_and_nothing_is_changed(
    stopped: tuple[Path, Path], tmp_path: Path
):
    home, old = stopped
    database = home / "pianola.db"
    before = {file.name: file.read_bytes() for file in home.glob("pianola.db*")}
    cases = {
        "belongs to another program": foreign,
        "was written by a newer Pianola": newer,
        "is damaged": cut,
        "lacks the table `change`": without_a_table,
        "is empty, or no database of Pianola": lambda file: file.write_bytes(b""),
        "is damaged, or no SQLite file": lambda file: file.write_text("These are my notes, not a database.\n" * 9),
        "does not exist": lambda file: file.unlink(),
        "is a folder": lambda file: (file.unlink(), file.mkdir()),
    }
    for number, (sentence, harm) in enumerate(cases.items()):
        bad = tmp_path / f"{number}.db"
        shutil.copy(old, bad)
        harm(bad)

        with pytest.raises(NotRestored, match=re.escape(sentence)) as raised:
            restore(bad, database, home / "backups")

        assert str(bad) in str(raised.value)
    with pytest.raises(NotRestored, match="is the database itself"):
        restore(database, database, home / "backups")
    assert {file.name: file.read_bytes() for file in home.glob("pianola.db*")} == before
    assert backups_in(home / "backups") == []
    (home / "backups").rmdir()
    (home / "backups").write_text("no folder")
    refused = restored(home, old)
    assert (refused.returncode, "must be a folder of yours" in refused.stderr) == (3, True)


@pytest.mark.parametrize("damaged", [False, True], ids=["whole", "damaged"])
def test_a_restore_that_is_killed_at_any_moment_leaves_the_old_or_the_new_file(
    stopped: tuple[Path, Path], tmp_path: Path, damaged: bool
):
    """Also one that replaces a damaged file, whose WAL is kept with it, and never applied to another one."""
    home, old = stopped
    shutil.rmtree(home / "run")
    if damaged:
        with (home / "pianola.db").open("r+b") as file:
            file.write(b"no database at all")
    present = (home / "pianola.db").read_bytes(), (home / "pianola.db-wal").read_bytes()

    subprocess.run(
        [sys.executable, "-m", "tests.support.crashing_restore", str(home), str(old), str(tmp_path / "killed")],
        cwd=ROOT,
        check=True,
    )

    seen = set()
    killed = list((tmp_path / "killed").iterdir())
    for one in killed:
        database, backups = one / "pianola.db", one / "backups"
        new = database.read_bytes()[:18] != present[0][:18] if damaged else titles_after_start(one) == ["old"]
        seen.add(new)
        if damaged and not new:
            assert restored_by_hand(one, old) == ["old"]
        if damaged:
            assert titles_after_start(one) == ["old"]
            (kept,) = [found.file for found in backups_in(backups) if found.reason == "before restore"]
            wal = kept.with_name(f"{kept.name}-wal")
            assert (kept.read_bytes(), wal.read_bytes()) == present
        else:
            assert titles_after_start(one) in (["old"], ["old", "new"])
            kept_files = [found.file for found in backups_in(backups) if found.reason == "before restore"]
            assert [titles(file) for file in kept_files] == ([["old", "new"]] if new else [])
        assert not [file for file in one.iterdir() if file.name.startswith(".pianola")], "nothing is left behind"
    assert seen == {False, True}
    assert len(killed) > 10


def titles_after_start(home: Path) -> list[str]:
    file = open_file(home / "pianola.db", home / "backups", load_apps(), lambda _text: None, lambda _problem: None)
    file.close()
    return titles(home / "pianola.db")


def restored_by_hand(home: Path, source: Path) -> list[str]:
    restore(source, home / "pianola.db", home / "backups")
    return titles(home / "pianola.db")
