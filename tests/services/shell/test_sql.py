"""`pianola sql`: any query that only reads, on a snapshot of the store, within its limits."""

import json
import os
import re
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from store.query import BadQuery, TookTooLong, different, rows_of
from tests.support.system import ROOT

AUDIT = "select verb, subject, row, after from change_read where actor = 'model'"
ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select "


@pytest.fixture
def snapshots(terminal):
    folder = terminal.system.settings.snapshots
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def test_a_query_reads_what_was_stored_and_says_how_old_it_is(terminal, snapshots):
    terminal.ask("insert", "todo", values={"title": "milk"})

    said = terminal.play("sql", "select title, done from todo", "--json")

    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == [{"title": "milk", "done": 0}]
    assert re.fullmatch(r"pianola: the data as they were at \d\d:\d\d:\d\d, \d+ s ago\n", said.stderr)


def test_everything_that_the_assistant_did_is_one_query(terminal, snapshots):
    terminal.ask("insert", "todo", values={"title": "mine"})
    (made,) = terminal.ask("insert", "todo", values={"title": "the model's"}, actor="model").rows

    (found,) = json.loads(terminal.done("sql", AUDIT, "--json", "--max-age", "0"))

    assert (found["verb"], found["subject"], json.loads(found["row"])) == ("insert", "todo", made["id"])
    assert json.loads(found["after"])["title"] == "the model's"


def test_a_snapshot_is_used_again_until_it_is_too_old_and_the_store_makes_it_for_the_user_alone(terminal, snapshots):
    terminal.done("sql", "select 1", "--max-age", "600")
    terminal.ask("insert", "todo", values={"title": "new"})
    (file,) = snapshots.iterdir()

    again = terminal.done("sql", "select count(*) as n from todo", "--csv", "--max-age", "600")
    os.utime(file, (time.time() - 601,) * 2)
    fresh = terminal.done("sql", "select count(*) as n from todo", "--csv", "--max-age", "600")

    assert (again, fresh) == ("n\n0\n", "n\n1\n")
    assert not file.exists()
    (newest,) = snapshots.iterdir()
    assert (newest.stat().st_mode & 0o777, snapshots.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_table_for_people_holds_only_so_many_rows_and_says_so(terminal, snapshots):
    said = terminal.play("sql", f"{ENDLESS}x from c limit 10001")

    assert len(said.stdout.splitlines()) == 10_001
    assert said.stderr.endswith("only the first 10,000 rows are shown; --csv, --json and --limit show more.\n")


def test_what_does_not_end_is_ended(terminal, snapshots):
    said = terminal.play("sql", f"{ENDLESS}count(*) from c", "--seconds", "0.2")

    assert said.returncode == 3
    assert said.stderr.endswith(
        "pianola: the query took longer than 0.2 s, and was ended. `--seconds` allows it more.\n"
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "the query is empty"),
        ("select titel from todo", "the query cannot be carried out: no such column: titel."),
        ("select * from nowhere", "no such table: nowhere. `pianola sql "),
        ("delete from todo", "only reading is allowed here"),
        ("select 1; select 2", "these are several statements"),
    ],
)
def test_a_query_that_cannot_be_carried_out_is_refused_by_a_sentence(terminal, snapshots, query, sentence):
    said = terminal.play("sql", query)

    assert (said.returncode, said.stdout) == (3, "")
    assert f"pianola: {sentence}" in said.stderr


# The last one with a store: it goes on deleting snapshots after it has answered.
def test_what_is_deleted_for_good_is_gone_from_the_snapshots(terminal, snapshots):
    (row,) = terminal.ask("insert", "todo", values={"title": "secret words"}).rows
    terminal.done("sql", "select 1", "--max-age", "0")
    assert list(snapshots.iterdir())

    assert terminal.ask("erase", "todo", id=row["id"]).ok

    deadline = time.monotonic() + 60
    while list(snapshots.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


# --- the snapshot itself ---


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "snapshot.db"
    connection = sqlite3.connect(made)
    connection.execute("create table todo (id integer primary key, title text)")
    connection.executemany("insert into todo (title) values (?)", [["milk"], ["bread"]])
    connection.commit()
    connection.close()
    return made


def read(file, query, seconds=10.0):
    return [row for _, rows in rows_of(file, query, seconds) for row in rows]


@pytest.mark.parametrize(
    "query",
    [
        "insert into todo (title) values ('x')",
        "update todo set title = 'x'",
        "drop table todo",
        "create temp table x as select 1",
        "attach database '/tmp/other.db' as other",
        "vacuum into '/tmp/copy.db'",
        "pragma writable_schema = 1",
        "pragma user_version = 3",
        "pragma journal_mode = wal",
        "select load_extension('evil.so')",
        "begin",
        "update sqlite_schema set sql = ''",
        "analyze",
    ],
)
def test_a_query_can_do_nothing_but_read(file, query):
    before = file.read_bytes()

    with pytest.raises(BadQuery, match="only reading is allowed here"):
        read(file, query)

    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == ["snapshot.db"]


def test_tables_can_be_described_and_the_store_s_functions_are_there(file):
    assert [one["name"] for one in read(file, "pragma table_info(todo)")] == ["id", "title"]
    assert [one["name"] for one in read(file, "select name from pragma_table_info('todo')")] == ["id", "title"]
    assert read(file, "select money_key('12.50 EUR') as key")[0]["key"]


@pytest.mark.parametrize(
    "query",
    [
        f"{ENDLESS}x from c",
        f"{ENDLESS}max(x) from c",
        f"select count(*) from {', '.join(f'todo t{number}' for number in range(40))}",
    ],
)
def test_each_way_to_never_end_is_ended(file, query):
    began = time.monotonic()

    with pytest.raises(TookTooLong):
        read(file, query, 0.2)

    assert time.monotonic() - began < 10


def test_a_value_can_only_be_so_large(file):
    with pytest.raises(BadQuery, match="too big"):
        read(file, "select zeroblob(1000000000)")


def test_a_slow_reader_of_the_output_uses_no_time_of_the_query(file):
    pages = rows_of(file, f"{ENDLESS}x from c", 1.0)
    next(pages)

    time.sleep(1.2)

    assert next(pages)[1]


def test_columns_of_one_name_are_told_apart():
    assert different(["id", "title", "id", "id"]) == ["id", "title", "id_2", "id_3"]


def test_the_query_in_the_help_is_the_audit():
    assert "where actor = 'model'" in Path(ROOT, "services/cli/parser.py").read_text()
