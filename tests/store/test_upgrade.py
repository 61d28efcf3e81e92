"""A database of an earlier version of Pianola or of an app is upgraded with all its data, or left as it is."""

import resource
import shutil
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgpack
import pytest

from apps.migrations import Upgrade
from apps.registry import load_apps
from apps.tables import Field, Table
from bus.messages import StoreAnswer, StoreOrder
from store.file.backup.folder import backups_in
from store.file.database import SCHEMA_VERSION, BadDatabase, open_database
from store.file.migrations import migrate
from store.file.rehearsal import rehearse
from store.file.steps import STEPS
from tests.support.local_store import Store, registry_of
from tests.support.system import Guest, System

VERSION_1 = Path(__file__).parent / "data" / "version1.db"
BEFORE_DUE = VERSION_1.with_name("before_due.db")


BOOK = Table("book", (Field("title", required=True, searched=True), Field("stars", "integer")), scoped=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pianola.db"


@pytest.fixture
def books(file: Path) -> Store:
    store = Store(file, registry_of(BOOK))
    for title in ("Emma", "Ulysses"):
        assert not store.order("insert", "book", values={"title": title, "stars": 4}).error
    return store


# --- of Pianola ---


@pytest.fixture
def old(file: Path) -> Path:
    shutil.copy(VERSION_1, file)
    file.chmod(0o600)
    return file


def columns(file: Path) -> dict[str, str]:
    with sqlite3.connect(file) as connection:
        tables = ("todo", "message", "conversation", "profile", "setting", "change")
        sql = "select group_concat(name) from pragma_table_info(?)"
        return {table: connection.execute(sql, [table]).fetchone()[0] for table in tables}


def contents(file: Path, names: dict[str, str]) -> dict[str, list[Any]]:
    with sqlite3.connect(file) as connection:
        return {
            table: connection.execute(f"select {columns} from {table} order by 1").fetchall()
            for table, columns in names.items()
        }


def test_a_file_of_version_1_keeps_all_its_rows_and_is_backed_up_before(old: Path):
    names = columns(old)
    before = contents(old, names)

    store = Store(old, load_apps())

    assert contents(old, names) == before
    assert store.connection.execute("pragma user_version").fetchone()[0] == SCHEMA_VERSION
    (backup,) = store.backed_up()
    assert contents(backup, names) == before
    assert backup.stat().st_mode & 0o777 == 0o600


def test_todos_of_the_time_before_due_dates_keep_everything_and_take_the_new_fields(file: Path):
    shutil.copy(BEFORE_DUE, file)
    file.chmod(0o600)
    names = columns(file)
    before = contents(file, names)

    store = Store(file, load_apps())

    assert contents(file, names) == before
    assert {row["title"] for row in store.rows("todo", profile=1)} == {one[1] for one in before["todo"][:4]}
    assert all(row["due"] is row["repeat"] is row["tags"] is row["parent"] is None for row in store.rows("todo"))
    assert len(store.found("bins")) == 1
    changed = store.order("update", "todo", 1, values={"due": "2026-11-28T09:00", "tags": ["home"], "note": "early"})
    assert changed.rows[0]["tags"] == ["home"]
    last = store.connection.execute("select max(revision) from change where verb = 'delete'").fetchone()[0]
    restored = store.order("undo", "todo", values={"change": last})
    assert restored.rows[0]["title"] == "deleted for now"
    store = store.again(load_apps())
    assert store.rows("todo", id=1)[0]["due"] == "2026-11-28T09:00"


def test_an_upgraded_file_is_shaped_as_a_new_one(old: Path, tmp_path: Path):
    def history_of(store: Store) -> list[Any]:
        sql = "select type, name, sql from sqlite_master where tbl_name in ('change', 'change_read') order by name"
        return store.connection.execute(sql).fetchall()

    upgraded = Store(old, load_apps())
    new = Store(tmp_path / "new.db", load_apps())

    assert history_of(upgraded) == history_of(new)
    assert "change_filter" in {name for _type, name, _sql in history_of(new)}


def test_an_upgraded_file_searches_undoes_and_goes_on_with_the_order_of_its_rows(old: Path):
    store = Store(old, load_apps())
    newest = store.order("list", "change", sort="-id", limit=1).rows[0]

    undone = store.order("undo", values={"change": newest["id"]})
    title = store.order("update", "todo", 6, values={"title": "renamed after the upgrade"})
    added = store.order("insert", values={"title": "the last one"}).rows[0]

    assert [row["text"] for row in store.found("musli") if row["_table"] == "message"] == ["add milk, and Müsli"]
    assert [row["id"] for row in store.found("musl") if row["_table"] == "todo"] == [21]
    assert [row["id"] for row in store.found("renamed upgrade")] == [6]
    assert store.found("thing 6") == []
    assert undone.rows[0]["title"] == "thing 5"
    assert not title.error
    ids = [row["id"] for row in store.rows("todo", profile=1)]
    assert ids[:3] == [1, 2, 6]
    assert (ids.index(3), ids[-1]) == (ids.index(10) + 1, added["id"])


def test_old_remarks_leave_their_conversations_for_the_apps_that_they_are_about(old: Path):
    with sqlite3.connect(old) as connection:
        added = connection.execute("select max(revision) from change where subject = 'todo'").fetchone()[0]
        connection.execute("insert into conversation (title) values ('Remarks'), ('Milk again')")
        for order, conversation in ((f"remark-{added}", 2), ("remark-poked-9", 2), ("remark-999999", 1)):
            sql = "insert into message (conversation, role, purpose, state, text) values (?, ?, ?, ?, ?)"
            key = connection.execute(sql, [conversation, "assistant", "comment", "done", order]).lastrowid
            sql = "insert into change (at, subject, verb, row, before, after, actor, cause, asked) values"
            connection.execute(f"{sql} (0, 'message', 'insert', ?, '{{}}', '{{}}', 'model', '', ?)", [str(key), order])
        connection.execute("insert into setting (id, value) values ('app', '\"links\"')")
    connection.close()

    store = Store(old, load_apps())

    remarks = store.order("list", "message", where={"purpose": "comment"}, sort="id").rows
    assert [(row["conversation"], row["app"]) for row in remarks] == [(0, "todo"), (0, "links"), (0, "links")]
    assert [row["text"] for row in store.found(f"remark-{added}")] == [f"remark-{added}"]
    assert [row["title"] for row in store.order("list", "conversation", sort="id").rows] == ["Milk", "Milk again"]
    talk = store.order("list", "message", where={"conversation": 1}).rows
    assert {row["purpose"] for row in talk} == {"chat"}


def test_an_upgraded_file_finds_words_of_all_scripts(old: Path):
    with sqlite3.connect(old) as connection:  # the triggers of version 1 fill its own index
        connection.execute(
            "update todo set title = ? where id = 7", [unicodedata.normalize("NFD", "がっこうの会議 🎉")]
        )
    connection.close()

    store = Store(old, load_apps())

    assert [[row["id"] for row in store.found(text)] for text in ("がっこう", "会議", "🎉")] == [[7]] * 3
    assert store.found("thing 7") == []
    assert store.order("update", key=7, values={"title": "商事"}).error == {}
    assert [len(store.found(text)) for text in ("会議", "商事")] == [0, 1]
    indexes = store.connection.execute("select sql from sqlite_master where sql like '%using fts5%'").fetchall()
    assert indexes
    assert all("content=''" in sql for (sql,) in indexes), "those of version 1 are gone"


def test_an_index_of_another_normal_form_is_made_again(file: Path, monkeypatch: pytest.MonkeyPatch):
    store = Store(file, load_apps())
    for place in ("store.file.text_index", "store.file.migrations"):
        monkeypatch.setattr(f"{place}.VERSION", "of an older Unicode")
    monkeypatch.setattr("store.file.text_index.words", str.swapcase)
    store = store.again(load_apps())
    store.order("insert", values={"title": "ÄPFEL"})
    monkeypatch.undo()

    store = store.again(load_apps())

    assert [row["title"] for row in store.found("apfel")] == ["ÄPFEL"]
    assert store.order("delete", key=1).error == {}
    assert store.found("apfel") == []
    assert store.backed_up() == []


def test_an_id_that_version_1_wrote_with_escapes_is_found_by_its_letters(old: Path):
    with sqlite3.connect(old) as connection:
        written = r'"\u00fcber"'
        connection.execute("update change set row = ? where subject = 'setting'", [written])
    connection.close()

    store = Store(old, load_apps())
    store.order("update", "setting", "über", values={"value": 1})

    assert [change["row"] for change in store.rows("change", subject="setting", row="über")] == ["über", "über"]


def test_a_second_start_changes_nothing_and_makes_no_backup(old: Path):
    store = Store(old, load_apps())
    before = store.connection.execute("pragma schema_version").fetchone()

    store = store.again(load_apps())

    assert store.connection.execute("pragma schema_version").fetchone() == before
    assert len(store.backed_up()) == 1


def test_without_room_for_the_backup_nothing_is_upgraded(old: Path):
    before = old.read_bytes()
    connection = open_database(old)

    with no_file_longer_than(len(before) // 2), pytest.raises(BadDatabase, match=r"its backup .* cannot be written"):
        migrate(connection, load_apps(), old.parent / "backups")

    connection.close()
    assert old.read_bytes()[100:] == before[100:], "but for the header, which notes how it is opened"
    assert list((old.parent / "backups").iterdir()) == [], "no half file"


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Let no file of this process become longer: the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_failing_upgrade_makes_one_backup_of_each_state_and_costs_no_other(old: Path, monkeypatch):
    """The older backups stay, also when another program changes the file meanwhile, and when the upgrade succeeds."""

    def fail(_database: Any) -> None:
        raise ZeroDivisionError("a mistake of ours")

    def try_to_start() -> list[Path]:
        connection = open_database(old)
        with pytest.raises(ZeroDivisionError):
            migrate(connection, load_apps(), backups)
        connection.close()
        return sorted(backups.iterdir())

    backups = old.parent / "backups"
    backups.mkdir()
    kept = {backups / f"pianola-version1-20250101-00000{number}-00.db" for number in range(10)}
    for file in kept:
        file.write_text("an older one")
    with monkeypatch.context() as patch:
        patch.setattr("store.file.migrations.STEPS", (fail, fail, fail))
        first = try_to_start()
        assert len(first) == len(kept) + 1
        assert try_to_start() == first
        with sqlite3.connect(old) as other:
            other.execute("update todo set title = 'by hand' where id = 1")
        other.close()
        second = try_to_start()
        assert try_to_start() == second
    assert kept < set(first) < set(second)

    store = Store(old, load_apps())

    assert store.rows("todo")[0]["title"] == "by hand"
    (upgraded,) = (one.file for one in backups_in(backups) if one.reason == "upgrade" and one.file not in kept)
    assert contents(upgraded, columns(upgraded))["todo"][0][1] == "by hand"


def test_the_upgrade_of_a_large_file_goes_wrong_on_a_copy_first(old: Path, monkeypatch):
    def fail(_database: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("store.file.migrations.REHEARSED_BYTES", 0)
    monkeypatch.setattr("store.file.migrations.STEPS", (*STEPS[:-1], fail))
    before = old.read_bytes()
    connection, told = open_database(old), []

    with pytest.raises(BadDatabase, match=r"went wrong on a copy of it \(database or disk is full\)") as raised:
        migrate(connection, load_apps(), old.parent / "backups", told.append)

    connection.close()
    assert "Pianola of before" in str(raised.value)
    assert "tried on a copy first" in told[0]
    assert old.read_bytes()[100:] == before[100:], "but for the header, which notes how it is opened"
    assert [one.reason for one in backups_in(old.parent / "backups")] == ["failed upgrade"]
    assert not list((old.parent / "backups").glob(".*"))


def test_a_large_file_is_upgraded_when_its_copy_was(old: Path, monkeypatch):
    copied = []
    monkeypatch.setattr("store.file.migrations.REHEARSED_BYTES", 0)
    monkeypatch.setattr("store.file.migrations.rehearse", lambda *words: (copied.append(words), rehearse(*words)))

    store = Store(old, load_apps())

    assert len(copied) == 1
    assert store.rows("todo")
    assert store.connection.execute("pragma user_version").fetchone() == (SCHEMA_VERSION,)
    assert not list((old.parent / "backups").glob(".*"))


def test_what_an_upgrade_needs_and_does_not_get_is_told_by_the_process(old: Path):
    with System() as system:
        shutil.copy(old, system.settings.database)
        system.settings.database.chmod(0o600)
        (system.home / "backups").write_text("no folder")
        system.start("broker")

        assert system.launch("store").wait(60) == 3

        assert "is not upgraded: its backup in" in (told := (system.settings.run / "store.problem").read_text())
        assert "File exists" in told
        del system.processes["store"]


def test_the_process_upgrades_the_file_before_it_is_ready(old: Path):
    with System() as system:
        shutil.copy(old, system.settings.database)
        system.settings.database.chmod(0o600)
        system.start("broker", "store")

        async def work(guest: Guest) -> StoreAnswer:
            return (await guest.bus.ask(StoreOrder(verb="list", table="todo"), "todo")).message

        assert system.visit(work).total == 20
        assert [one.reason for one in backups_in(system.home / "backups")].count("upgrade") == 1


# --- of an app ---


def test_new_fields_and_tables_need_no_migration(books: Store):
    more = Table(
        "book",
        (
            Field("title", required=True, searched=True),
            Field("stars", "integer"),
            Field("state", choices=("to read", "it's read"), default="it's read"),
            Field("note", searched=True),
        ),
        scoped=True,
        sortable=True,
    )

    store = books.again(registry_of(more))
    store.order("update", "book", 2, values={"note": "one day in Dublin"})

    assert [(row["state"], row["position"]) for row in store.rows("book")] == [("it's read", 1.0), ("it's read", 2.0)]
    assert [row["title"] for row in store.found("dublin")] == ["Ulysses"]
    assert [row["title"] for row in store.found("emma")] == ["Emma"]


def rename_stars(upgrade: Upgrade) -> None:
    upgrade.rename_field("book", "stars", "rating")


def double(upgrade: Upgrade) -> None:
    upgrade.update("book", lambda row: {"rating": row["rating"] * 2} if row["title"] == "Emma" else {})


RATED = Table("book", (Field("title", required=True, searched=True), Field("rating", "integer")), scoped=True)


def test_migrations_run_once_each_in_their_order_after_a_backup(books: Store):
    store = books.again(registry_of(RATED, rename_stars, double))
    first = [row["rating"] for row in store.rows("book")]
    store = store.again(registry_of(RATED, rename_stars, double))

    assert first == [8, 4]
    assert [row["rating"] for row in store.rows("book")] == first
    assert len(store.backed_up()) == 1


def test_a_renamed_field_is_searched_and_undone_as_before(books: Store):
    def rename(upgrade: Upgrade) -> None:
        upgrade.rename_field("book", "title", "name")

    change = books.order("update", "book", 1, values={"title": "Emma, again"}).revisions[0]
    named = Table("book", (Field("name", required=True, searched=True), Field("stars", "integer")), scoped=True)
    store = books.again(registry_of(named, rename))
    store.order("insert", "book", values={"name": "Persuasion"})

    assert [row["name"] for row in store.found("persuas")] == ["Persuasion"]
    assert [row["name"] for row in store.found("again")] == ["Emma, again"]
    assert not store.order("undo", values={"change": change}).error
    assert [row["name"] for row in store.found("emma")] == ["Emma"]


def test_a_removed_field_is_left_out_of_an_undo(books: Store):
    def remove(upgrade: Upgrade) -> None:
        upgrade.remove_field("book", "stars")

    changed = books.order("update", "book", 1, values={"stars": 1}).revisions[0]
    deleted = books.order("delete", "book", 2).revisions[0]
    plain = Table("book", (Field("title", required=True, searched=True),), scoped=True)
    store = books.again(registry_of(plain, remove))

    assert "not a part of `book` any more" in store.order("undo", values={"change": changed}).error["message"]
    assert store.order("undo", values={"change": deleted}).rows == [{"id": 2, "title": "Ulysses", "profile": 1}]
    assert len(store.found("ulysses")) == 1


def test_a_renamed_table_keeps_its_rows_their_ids_and_their_history(books: Store):
    def rename(upgrade: Upgrade) -> None:
        upgrade.rename_table("book", "volume")

    books.order("delete", "book", 2)
    volume = Table("volume", BOOK.fields, scoped=True)
    store = books.again(registry_of(volume, rename))
    store = store.again(registry_of(volume, rename))

    assert [row["title"] for row in store.rows("volume")] == ["Emma"]
    assert not store.order("undo", values={"change": 3}).error
    assert [row["title"] for row in store.found("ulysses")] == ["Ulysses"]
    store.order("delete", "volume", 2)
    assert store.order("insert", "volume", values={"title": "new"}).rows[0]["id"] == 3


def test_an_app_that_is_new_here_runs_no_migration(file: Path):
    def fail(_upgrade: Upgrade) -> None:
        raise AssertionError("there is nothing to migrate")

    store = Store(file, registry_of(RATED, fail)).again(registry_of(RATED, fail))

    assert store.registry.apps["reading"].problem == ""
    assert store.backed_up() == []


def leave_half_done(upgrade: Upgrade) -> None:
    upgrade.rename_field("book", "stars", "rating")
    raise ZeroDivisionError("a mistake")


def with_exit(_upgrade: Upgrade) -> None:
    raise SystemExit("a migration that ends the program")


@pytest.mark.parametrize(
    ("table", "migration", "sentence"),
    [
        (RATED, leave_half_done, "ZeroDivisionError: a mistake"),
        (RATED, lambda upgrade: upgrade.rename_field("todo", "a", "b"), "There is no table 'todo' in the database"),
        (RATED, lambda upgrade: upgrade.rename_field("book", "a", "b"), "`book` has no field 'a' in the database"),
        (RATED, lambda upgrade: upgrade.rename_field("book", "stars", "rowid"), "'rowid' cannot name a field"),
        (RATED, lambda upgrade: upgrade.remove_table("message"), "The table message is not the app's own"),
        (RATED, with_exit, "SystemExit: a migration that ends the program"),
        (Table("book", (Field("title"), Field("stars"))), None, "`book.stars` is integer in the database"),
        (Table("book", (Field("title"),), keyed=True), None, "The ids of `book` are integer in the database"),
    ],
)
def test_an_app_whose_upgrade_fails_is_left_out_with_its_reason_and_its_data_as_they_were(
    books: Store, table: Table, migration: Any, sentence: str
):
    before = [tuple(row) for row in books.connection.execute("select * from book")]
    if migration:
        migration.__name__ = "change_something"

    store = books.again(registry_of(table, *([migration] if migration else [])))

    app = store.registry.apps["reading"]
    assert "could not be brought up to date, and are as they were" in app.problem
    assert sentence in app.problem
    assert store.order("list", "book").error["code"] == "unknown_table"
    assert not store.order("insert", "conversation", values={"title": "the rest runs"}).error
    assert [tuple(row) for row in store.connection.execute("select * from book")] == before
    mended = store.again(registry_of(BOOK))
    assert [row["title"] for row in mended.found("emma")] == ["Emma"]


def test_many_failing_starts_make_one_backup_of_each_state_and_keep_only_the_last(books: Store):
    store = books
    for _ in range(4):
        store = store.again(registry_of(RATED, leave_half_done))
    assert len(store.backed_up()) == 2, "with the app among the tables, and without"

    for number in range(12):
        assert not store.order("insert", "conversation", values={"title": str(number)}).error
        store = store.again(registry_of(RATED, leave_half_done))

    assert len(store.backed_up()) == 10


# --- a declaration that changes its mind ---

NOTES = ("hello", "", '{"a": 1}', "[1, 2", "NaN", "-Infinity", "9" * 400, "9" * 5_000, "[" * 100_000, "null", "12")

MINDS = {
    "as it was": Field("note", limit=200_000),
    "one character": Field("note", limit=1),
    "json": Field("note", "json"),
    "json of one character": Field("note", "json", limit=1),
    "json that must be there": Field("note", "json", required=True),
    "choices": Field("note", choices=("x", "y")),
    "required": Field("note", required=True),
    "searched": Field("note", searched=True),
}


def mind(note: str) -> Any:
    """Return a registry with a table whose field `note` is declared in this way."""
    return registry_of(Table("mind", (Field("title", searched=True), MINDS[note], Field("stars", "integer"))))


@pytest.mark.parametrize("note", MINDS)
def test_rows_that_are_older_than_a_declaration_can_still_be_read_and_changed(file: Path, note: str):
    store = Store(file, mind("as it was"))
    for number, text in enumerate(NOTES, start=1):
        assert not store.order("insert", "mind", values={"title": f"row {number}", "note": text}).error

    store = store.again(mind(note))
    assert store.registry.apps["reading"].problem == ""
    rows = store.rows("mind")
    assert [row["id"] for row in rows] == list(range(1, len(NOTES) + 1))
    if "json" in note:
        read = {text: row["note"] for text, row in zip(NOTES, rows, strict=True)}
        assert read == {**{text: text for text in NOTES}, '{"a": 1}': {"a": 1}, "null": None, "12": 12}
    for row in rows:
        msgpack.packb(row)  # a message can carry it
        changed = store.order("update", "mind", row["id"], values={"stars": 5})
        assert not changed.error
        assert store.order("undo", "mind", values={"change": changed.changes[0].revision}).error == {}
    assert len(store.found("row")) == len(NOTES)

    store = store.again(mind("as it was"))
    assert tuple(row["note"] for row in store.rows("mind")) == NOTES


def test_a_row_that_was_deleted_under_another_declaration_can_be_restored(file: Path):
    store = Store(file, mind("json"))
    store.order("insert", "mind", values={"title": "one", "note": {"a": 1}})
    deleted = store.order("delete", "mind", 1).changes[0]

    store = store.again(mind("as it was"))
    assert not store.order("undo", "mind", values={"change": deleted.revision}).error
    assert store.rows("mind")[0]["note"] == '{"a": 1}'
    store = store.again(mind("json"))
    assert store.rows("mind")[0]["note"] == {"a": 1}
