"""`pianola order`: rows are changed by words, as any order on the bus, and a refusal says what was expected."""

import json
from datetime import date, timedelta

import pytest

TOMORROW = (date.today() + timedelta(days=1)).isoformat()


def test_a_row_is_added_with_values_in_words_and_names_in_any_case(terminal):
    said = terminal.done("order", "Todo", "insert", "TITLE=milk", "due=tomorrow", "tags=home, garden", "done=no")

    (row,) = terminal.rows()
    assert said == f"Added todo {row['id']}: “milk”.\n"
    assert (row["title"], row["due"], row["tags"], row["done"]) == ("milk", TOMORROW, ["home", "garden"], False)


def test_the_answer_of_the_store_is_printed_for_programs(terminal):
    said = json.loads(terminal.done("order", "todo", "insert", "title=milk", "--json"))

    assert said["ok"]
    assert [row["title"] for row in said["rows"]] == ["milk"]
    assert said["changes"] == [said["revision"]]


def test_a_link_is_named_by_its_label_and_the_title_of_its_row(terminal):
    terminal.done("order", "todo", "insert", "title=Party")

    terminal.done("order", "todo", "insert", "title=cake", "part of=party")

    party, cake = terminal.rows()
    assert cake["parent"] == [party["id"]]


def test_rows_are_changed_by_title_by_id_and_by_condition(terminal):
    for title in ("milk", "bread", "eggs"):
        terminal.done("order", "todo", "insert", f"title={title}", "due=2026-03-01")
    milk, bread, eggs = (row["id"] for row in terminal.rows())

    terminal.done("order", "todo", "toggle", "Milk")
    terminal.done("order", "todo", "update", str(bread), "due=none", "title=rye bread")
    said = terminal.done("order", "todo", "update", "--where", "due<=2026-03-01", "--where", "done=false", "note=soon")

    rows = {row["id"]: row for row in terminal.rows()}
    assert rows[milk]["done"]
    assert (rows[bread]["title"], rows[bread]["due"]) == ("rye bread", None)
    assert [key for key, row in rows.items() if row["note"] == "soon"] == [eggs]
    assert said == f"Changed todo {eggs}: “eggs”.\n"


def test_several_rows_are_changed_by_one_order_that_one_undo_takes_back(terminal):
    for title in ("milk", "bread"):
        terminal.done("order", "todo", "insert", f"title={title}")

    said = terminal.done("order", "todo", "toggle", "milk", "bread", "done")

    assert said == "Toggled 2 rows of todo.\n"
    assert all(row["done"] for row in terminal.rows())
    changes = terminal.ask("list", "change", where={"subject": "todo", "verb": "update"}, sort="-id", limit=2).rows
    assert len({change["asked"] for change in changes}) == 1
    assert {change["actor"] for change in changes} == {"user"}
    assert terminal.ask("undo", "todo", values={"changes": [one["id"] for one in changes]}).ok
    assert not any(row["done"] for row in terminal.rows())


def test_rows_are_moved_and_deleted(terminal):
    for title in ("one", "two", "three"):
        terminal.done("order", "todo", "insert", f"title={title}")

    assert terminal.done("order", "todo", "move", "three", "first").startswith("Moved todo ")
    terminal.done("order", "todo", "move", "one", "after=two")
    terminal.done("order", "todo", "delete", "two")

    rows = terminal.ask("list", "todo", sort="position").rows
    assert [row["title"] for row in rows] == ["three", "one"]


def test_where_no_row_matches_nothing_is_changed_and_the_exit_code_says_so(terminal):
    said = terminal.play("order", "todo", "delete", "--where", "title=nothing")

    assert said.returncode == 1
    assert said.stderr == "pianola: no row of todo matches, so nothing was changed.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere", "insert", "title=x"], "there is no table 'nowhere'. Tables: "),
        (["todo", "insert", "titel=x"], "the table todo has no field 'titel'. Fields: id, title, done, due"),
        (["todo", "insert", "title=x", "due=someday"], "`due` is 'someday'. Expected: a day like 2026-11-28"),
        (["todo", "insert", "title=x", "done=perhaps"], "`done` is 'perhaps'. Expected: true or false."),
        (["todo", "insert", "done=no"], "title"),
        (["todo", "insert"], "a new row needs values, for example: pianola order todo insert title=…"),
        (["todo", "update", "title=x"], "which rows? Write ids or titles, or --where"),
        (["todo", "update", "3"], "update needs a value to set"),
        (["todo", "toggle", "nobody"], "no row of todo has the id or the title 'nobody'."),
        (["todo", "delete", "--where", "done"], "'done' cannot be read. Expected a condition, like done=false"),
        (["todo", "move", "3"], "move takes one row, and where to"),
        (["todo", "delete", "999999"], "999999"),
        (["workflow_run", "delete", "1"], "are not changed here, but in the app Workflows in the page"),
        (["setting", "delete", "model"], "the rows of setting are not changed here, but in the page."),
        (["todo", "insert", "title=x", "--profile", "nobody"], "there is no profile 'nobody'. Profiles: "),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_what_cannot_be_ordered_is_refused_by_a_sentence(terminal, words, sentence):
    said = terminal.refused("order", *words)

    assert said.startswith("pianola: ")
    assert sentence in said
    assert terminal.rows() == []


def test_a_refusal_of_the_store_names_the_field_for_programs_too(terminal):
    said = terminal.play("order", "todo", "insert", "done=no", "--json")

    told = json.loads(said.stdout)
    assert said.returncode == 3
    assert (told["ok"], told["error"]["code"], told["error"]["field"]) == (False, "missing_field", "title")


def test_two_rows_of_one_title_are_told_apart_by_their_ids(terminal):
    for _ in range(2):
        terminal.done("order", "todo", "insert", "title=milk")
    keys = ", ".join(str(row["id"]) for row in terminal.rows())

    said = terminal.refused("order", "todo", "delete", "milk")

    assert (
        said == f"pianola: several rows of todo have the title 'milk': {keys}. Write the id of the one that you mean.\n"
    )
