"""`pianola rows` and `search`: for people aligned and in their language, for programs as CSV and JSON."""

import csv
import io
import json
import os
import pty
import subprocess
import time

import pytest

from tests.support.command import PIANOLA
from tests.support.system import PATIENCE_SECONDS, ROOT


@pytest.fixture
def filled(terminal):
    """Three todos; cake is a part of the party."""
    rows = [
        {"title": "Party", "due": "2026-03-02", "done": True},
        {"title": "cake, big", "tags": ["home", "kitchen"], "due": "2026-03-01"},
        {"title": "牛乳を買う"},
    ]
    made = [terminal.ask("insert", "todo", values=row).rows[0]["id"] for row in rows]
    terminal.ask("update", "todo", id=made[1], values={"parent": [made[0]]})
    return terminal


def test_a_table_is_aligned_also_where_characters_are_wide(filled):
    head, *lines = filled.done("rows", "todo", "--fields", "title,due,done,parent").splitlines()

    at = head.index("Due")
    assert head.split() == ["Title", "Due", "Done", "Part", "of"]
    assert lines[0][at:].split() == ["2", "Mar", "2026", "yes"]
    assert lines[1][at:].split() == ["1", "Mar", "2026", "Party"]
    assert lines[1].startswith("cake, big ")
    assert lines[2] == "牛乳を買う"


def test_values_are_shown_in_the_language_of_the_terminal(filled):
    filled.system.environment["LC_ALL"] = "de_DE.UTF-8"
    try:
        said = filled.done("rows", "todo", "--where", "due=1.3.2026")
    finally:
        del filled.system.environment["LC_ALL"]

    assert "1. März 2026" in said
    assert len(said.splitlines()) == 2


def test_programs_get_values_as_csv_and_json(filled):
    table = list(csv.DictReader(io.StringIO(filled.done("rows", "todo", "--csv", "--order", "due"))))
    rows = json.loads(filled.done("rows", "todo", "--json", "--order", "title", "--reverse", "--limit", "2"))

    assert [row["title"] for row in table] == ["cake, big", "Party", "牛乳を買う"]
    assert [row["due"] for row in table] == ["2026-03-01", "2026-03-02", ""]
    assert json.loads(table[0]["tags"]) == ["home", "kitchen"]
    assert [row["title"] for row in rows] == ["牛乳を買う", "Party"]
    assert rows[1]["done"] is True


def test_moments_are_shown_in_the_readers_zone_and_json_as_json(terminal):
    values = {"title": "Crawl", "app": "links", "job": "crawl", "arguments": {"url": "ü", "private": False}}
    made = terminal.ask("insert", "job", values={**values, "state": "done", "ended": 1_794_000_000.5, "result": None})
    assert made.ok, made.error
    terminal.ask("insert", "job", values={**values, "title": "Later"})
    terminal.system.environment["TZ"] = "Asia/Tokyo"
    try:
        head, first, second = terminal.done(
            "rows", "job", "--fields", "title,arguments,result,changes,ended"
        ).splitlines()
        exact = json.loads(terminal.done("rows", "job", "--json", "--fields", "ended,arguments", "--limit", "1"))
        table = list(csv.DictReader(io.StringIO(terminal.done("rows", "job", "--csv", "--fields", "ended,arguments"))))
    finally:
        del terminal.system.environment["TZ"]
        terminal.ask("delete", "job", where={"id": {"from": 1}})

    assert head.split() == ["Title", "Arguments", "Ended"]
    assert '{"url": "ü", "private": false}' in first
    assert first.endswith("07 Nov 2026, 06:20")
    assert second.split(" ", 1)[0] == "Later"
    assert second.endswith("}")
    assert exact == [{"ended": 1_794_000_000.5, "arguments": {"url": "ü", "private": False}}]
    assert table[0] == {"ended": "1794000000.5", "arguments": '{"url": "ü", "private": false}'}


def test_the_next_time_of_a_schedule_is_shown_as_a_date(terminal):
    schedule = {"title": "Tea", "prompt": "Tea?", "at": "2126-11-06T17:00", "zone": "UTC"}
    made = terminal.ask("insert", "schedule", values=schedule)
    assert made.ok, made.error
    terminal.system.environment["TZ"] = "UTC"
    try:
        said = terminal.done("rows", "schedule", "--fields", "title,next,last,action")
    finally:
        del terminal.system.environment["TZ"]
        terminal.ask("delete", "schedule", where={"id": {"from": 1}})

    assert said.splitlines()[1].split() == ["Tea", "06", "Nov", "2126,", "17:00"]


def test_conditions_choose_rows(filled):
    def titles(*conditions):
        words = [word for one in conditions for word in ("--where", one)]
        return [row["title"] for row in json.loads(filled.done("rows", "todo", "--json", *words))]

    assert titles("done=false", "due=none") == ["牛乳を買う"]
    assert titles("due>=2026-03-01", "due<=2026-03-01") == ["cake, big"]
    assert titles("title=Party", "title=cake, big") == ["Party", "cake, big"]
    assert titles("part of=party") == titles("tags=kitchen") == ["cake, big"]
    assert titles("done=true", "due=none") == []


def test_where_no_row_matches_people_get_a_sentence_and_programs_an_empty_list(terminal):
    people = terminal.play("rows", "todo")

    assert (people.returncode, people.stdout, people.stderr) == (0, "", "pianola: no row of todo matches.\n")
    assert terminal.done("rows", "todo", "--json") == "[]\n"
    assert terminal.done("rows", "todo", "--csv", "--fields", "title") == "title\n"


def test_more_rows_than_one_answer_holds_are_all_printed(terminal):
    for begin in range(0, 2_400, 800):
        orders = [
            {"verb": "insert", "table": "todo", "values": {"title": f"todo {at}"}} for at in range(begin, begin + 800)
        ]
        assert terminal.ask("batch", "todo", values={"orders": orders}).ok

    rows = json.loads(terminal.done("rows", "todo", "--json"))

    assert [row["title"] for row in rows] == [f"todo {at}" for at in range(2_400)]


@pytest.mark.parametrize("kind", ["--table", "--csv", "--json"])
def test_a_reader_that_leaves_ends_the_command_quietly(terminal, kind):
    orders = [{"verb": "insert", "table": "todo", "values": {"title": "t" * 500}} for _ in range(900)]
    terminal.ask("batch", "todo", values={"orders": orders})

    said = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'"$@" {kind} | head -1', "bash", *PIANOLA, "rows", "todo"],
        cwd=ROOT,
        env=terminal.system.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert said.stderr == ""
    assert said.returncode == 141
    assert len(said.stdout.splitlines()) == 1


def test_a_terminal_gets_colours_and_lines_no_wider_than_it_is(filled):
    filled.ask("insert", "todo", values={"title": "long " * 60})
    mine, theirs = pty.openpty()
    environment = {**filled.system.environment, "TERM": "xterm", "COLUMNS": "60"}
    environment.pop("NO_COLOR", None)

    asked = subprocess.run(
        [*PIANOLA, "rows", "todo"], cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, timeout=60, check=True
    )
    said = os.read(mine, 65536).decode()
    os.close(mine)
    os.close(theirs)

    assert asked.returncode == 0
    assert said.startswith("\x1b[1m")
    plain = said.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert max(map(len, plain.splitlines())) == 60
    assert "…" in plain


def test_search_finds_rows_by_beginnings_of_words_and_says_when_there_are_none(filled):
    found = json.loads(filled.done("search", "par", "--in", "todo", "--json"))
    nothing = filled.play("search", "unheard", "--csv")

    assert [(one["table"], one["title"]) for one in found] == [("todo", "Party")]
    assert (nothing.returncode, nothing.stdout) == (1, "table,id,title,snippet\n")


@pytest.mark.parametrize("command", [["rows", "todo"], ["search", "x"], ["order", "todo", "delete", "1"]])
def test_without_a_running_system_it_is_said(command, terminal, tmp_path):
    environment = {**terminal.system.environment, "PIANOLA_HOME": str(tmp_path / "home")}

    said = subprocess.run([*PIANOLA, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert said.returncode == 4
    assert "is not running" in said.stderr


def test_a_terminal_obeys_no_control_character_of_a_row(terminal):
    terminal.ask("insert", "todo", values={"title": "a\x1b[31mred"})

    assert "\x1b" not in terminal.done("rows", "todo")


def test_an_app_of_ones_own_has_rows_too_by_its_labels(terminal):
    folder = terminal.system.settings.apps
    (folder).mkdir(mode=0o700, exist_ok=True)
    (folder / "plants.py").write_text(PLANTS)
    try:
        wait_for(lambda: terminal.rows("app", name="plants"))

        terminal.done("order", "Pflanzen", "insert", "Name=fern", "ort=DRINNEN", "Preis=12,50 EUR")
        said = terminal.done("rows", "plants", "--json")

        (row,) = json.loads(said)
        assert (row["title"], row["place"], row["price"]) == ("fern", "drinnen", "12.50 EUR")
        assert "`Ort` is 'oben'." in terminal.refused("order", "plants", "insert", "name=x", "ort=oben")
    finally:
        (folder / "plants.py").unlink()


PLANTS = """
from apps.hookspecs import hook
from apps.tables import Field, Table

PLANT = Table(
    "plants",
    (
        Field("title", required=True, searched=True, label="Name"),
        Field("place", choices=("drinnen", "draußen"), label="Ort"),
        Field("price", "money", label="Preis"),
    ),
    label="eine Pflanze",
    plural="Pflanzen",
)


@hook
def tables():
    return (PLANT,)
"""


def wait_for(holds):
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
