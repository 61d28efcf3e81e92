"""Programs read and change rows by tools; what they do is marked with their name, and deletes are asked first."""

import json

import pytest

from bus.messages import StoreOrder
from services.mcp.serve.caller import shown_name
from services.mcp.serve.pace import MOST_IN_SPAN, SPAN_SECONDS, Pace
from tests.support.mcp_program import Program, answered


def titles(rows):
    return [row["title"] for row in rows]


# --- read and write ---


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_program_finds_the_tools_and_the_tables(program, mode):
    async def play(client):
        tools = (await client.list_tools()).tools
        return [one.name for one in tools], answered(await client.call_tool("list_tables"))["tables"]

    tools, tables = program.visit(play, mode=mode)

    assert tools[:4] == ["list_tables", "list_rows", "get_row", "search"]
    (todo,) = (one for one in tables if one["table"] == "todo")
    assert todo["app"] == "todo"
    assert {"name": "title", "type": "text", "required": True} in todo["fields"]
    assert not {"setting", "told", "layer"} & {one["table"] for one in tables}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_row_that_a_program_adds_is_marked_with_its_name(program, mode):
    async def play(client):
        return answered(await client.call_tool("insert_rows", {"table": "todo", "rows": [{"title": "milk"}]}))

    told = program.visit(play, mode=mode)

    (row,) = program.rows()
    (change,) = program.rows("change", subject="todo", row=row["id"])
    assert (told["outcome"], titles(told["rows"]), told["changes"]) == ("done", ["milk"], [change["id"]])
    assert (change["actor"], change["client"]) == ("user", "editor (MCP)")
    assert row["profile"] == 1


def test_rows_are_listed_got_and_found(program):
    for title in ("milk", "bread", "oat milk"):
        program.ask("insert", "todo", values={"title": title})
    milk = program.rows()[0]

    async def play(client):
        listed = await client.call_tool("list_rows", {"table": "todo", "where": {"done": False}, "limit": 2})
        got = await client.call_tool("get_row", {"table": "todo", "id": milk["id"]})
        found = await client.call_tool("search", {"text": "milk", "table": "todo"})
        return [answered(one) for one in (listed, got, found)]

    listed, got, found = program.visit(play)

    assert (len(listed["rows"]), listed["total"], listed["more"]) == (2, 3, True)
    assert got["row"] == milk
    assert sorted(titles(found["rows"])) == ["milk", "oat milk"]


def test_rows_are_changed_and_toggled_and_taken_back(program):
    key = program.ask("insert", "todo", values={"title": "milk"}).rows[0]["id"]

    changed = program.done("update_rows", table="todo", ids=[key], values={"due": "2027-01-04"})
    program.done("toggle_rows", table="todo", where={"title": "milk"})
    assert [(row["due"], row["done"]) for row in program.rows()] == [("2027-01-04", True)]

    program.done("undo", changes=changed["changes"])
    assert [(row["due"], row["done"]) for row in program.rows()] == [(None, True)]


def test_a_program_takes_back_only_what_it_did_itself(program):
    (change,) = program.ask("insert", "todo", values={"title": "milk"}).changes

    said = program.call("undo", changes=[change])

    assert "was not made by editor (MCP)" in said
    assert titles(program.rows()) == ["milk"]


# --- what waits for the user ---


def decide(program, proposal, state):
    """Decide as the page does, and return the card when the agent is done with it."""

    async def play(guest):
        order = StoreOrder(verb="update", table="message", id=proposal, values={"state": state})
        await guest.bus.ask(order, "message")
        heard = await guest.until(
            lambda heard: (
                heard.message.kind == "store.changed"
                and heard.message.table == "message"
                and heard.message.id == proposal
                and heard.message.row["state"] not in ("proposed", "agreed")
            )
        )
        return heard.message.row

    return program.system.visit(play)


def test_a_delete_is_proposed_and_done_when_the_user_agrees(program):
    key = program.ask("insert", "todo", values={"title": "milk"}).rows[0]["id"]

    told = program.done("delete_rows", table="todo", ids=[key])

    (card,) = program.rows("message", id=told["proposal"])
    assert (told["outcome"], titles(program.rows())) == ("proposed", ["milk"])
    assert (card["role"], card["state"], card["text"]) == (
        "action",
        "proposed",
        "Delete “milk” of todo, as editor (MCP) wants?",
    )
    assert decide(program, told["proposal"], "agreed")["state"] == "applied"
    assert program.rows() == []
    (deleted,) = program.rows("change", subject="todo", row=key, verb="delete")
    assert (deleted["actor"], deleted["client"]) == ("user", "editor (MCP)")


def test_a_proposal_that_is_declined_changes_nothing(program):
    key = program.ask("insert", "todo", values={"title": "milk"}).rows[0]["id"]

    told = program.done("delete_rows", table="todo", ids=[key])

    assert decide(program, told["proposal"], "declined")["state"] == "declined"
    assert titles(program.rows()) == ["milk"]


def test_a_proposal_whose_row_was_changed_since_is_not_carried_out(program):
    key = program.ask("insert", "todo", values={"title": "milk"}).rows[0]["id"]
    told = program.done("delete_rows", table="todo", ids=[key])
    program.ask("update", "todo", id=key, values={"title": "oat milk"})

    card = decide(program, told["proposal"], "agreed")

    assert card["state"] == "refused"
    assert "was changed meanwhile" in card["problem"]
    assert titles(program.rows()) == ["oat milk"]


def test_many_rows_are_proposed_and_some_are_not(program):
    five, six = ([{"title": f"row {number}"} for number in range(count)] for count in (5, 6))

    assert program.done("insert_rows", table="todo", rows=five)["outcome"] == "done"
    told = program.done("insert_rows", table="todo", rows=six)

    assert (told["outcome"], len(program.rows())) == ("proposed", 5)
    assert decide(program, told["proposal"], "agreed")["state"] == "applied"
    assert len(program.rows()) == 11


def test_many_changes_and_toggles_are_carried_out_when_the_user_agrees(program):
    for number in range(6):
        program.ask("insert", "todo", values={"title": f"row {number}"})

    changed = program.done("update_rows", table="todo", where={"done": False}, values={"due": "2027-01-04"})
    assert decide(program, changed["proposal"], "agreed")["state"] == "applied"
    toggled = program.done("toggle_rows", table="todo", where={"done": False}, field="done")
    assert decide(program, toggled["proposal"], "agreed")["state"] == "applied"

    assert {(row["due"], row["done"]) for row in program.rows()} == {("2027-01-04", True)}


def test_who_wants_to_be_asked_always_is_asked(program):
    program.ask("update", "setting", id="ask", values={"value": "always"})
    try:
        told = program.done("insert_rows", table="todo", rows=[{"title": "milk"}])
    finally:
        program.ask("update", "setting", id="ask", values={"value": "harmful"})

    assert told["outcome"] == "proposed"
    assert program.rows() == []


# --- what is refused ---


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("no_tool", {}, "There is no tool 'no_tool'"),
        ("list_rows", {}, "'table' is a required property"),
        ("list_rows", {"table": "todo", "limit": 10_000}, "wrong at `limit`"),
        ("list_rows", {"table": "nothing"}, "There is no table 'nothing'"),
        ("list_rows", {"table": "setting"}, "does not open the table 'setting'"),
        ("list_rows", {"table": "todo", "where": {"colour": 1}}, "colour"),
        ("get_row", {"table": "todo", "id": 987654}, "987654"),
        ("insert_rows", {"table": "todo", "rows": [{"titel": "x"}]}, "todo has no field 'titel'"),
        ("insert_rows", {"table": "todo", "rows": [{"due": "2027-01-04"}]}, "needs `title`"),
        ("insert_rows", {"table": "todo", "rows": [{"title": "x", "due": "someday"}]}, "`due` is 'someday'"),
        ("insert_rows", {"table": "profile", "rows": []}, "wrong at `rows`"),
        ("update_rows", {"table": "todo", "values": {"title": "x"}}, "either `ids`, or `where`"),
        ("delete_rows", {"table": "todo", "ids": [987654]}, "There is no row with the id 987654"),
        ("delete_rows", {"table": "change", "where": {"id": 1}}, "No key changes the table 'change'"),
        ("toggle_rows", {"table": "todo", "ids": [1], "field": "title"}, "Expected one of: done"),
        ("open", {"app": "nothing"}, "There is no app 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(program, tool, arguments, sentence):
    said = program.call(tool, **arguments)

    assert isinstance(said, str)
    assert sentence in said
    assert program.rows() == []


def test_a_program_that_may_only_read_changes_nothing(program):
    program.ask("insert", "todo", values={"title": "milk"})

    async def play(client):
        where = {"table": "todo", "where": {"title": "milk"}}
        calls = (
            ("insert_rows", {"table": "todo", "rows": [{"title": "x"}]}),
            ("update_rows", where | {"values": {"title": "x"}}),
            ("toggle_rows", where),
            ("delete_rows", where),
            ("undo", {"changes": [1]}),
            ("open", {"app": "todo"}),
            ("ask", {"text": "add x"}),
        )
        return [answered(await client.call_tool(*one)) for one in calls], answered(
            await client.call_tool("list_rows", {"table": "todo"})
        )

    refused, listed = program.visit(play, "--read-only")

    assert all("only reads" in one for one in refused), refused
    assert titles(listed["rows"]) == ["milk"]
    assert titles(program.rows()) == ["milk"]
    assert not any(one["role"] == "user" for one in program.rows("message"))


def test_a_program_sees_only_the_tables_that_it_was_given(program):
    program.ask("insert", "todo", values={"title": "milk"})

    async def play(client):
        tables = answered(await client.call_tool("list_tables"))["tables"]
        found = answered(await client.call_tool("search", {"text": "milk"}))["rows"]
        refused = answered(await client.call_tool("list_rows", {"table": "todo"}))
        resources = [str(one.uri) for one in (await client.list_resources()).resources]
        return [one["table"] for one in tables], found, refused, resources

    tables, found, refused, resources = program.visit(play, "--tables", "graph")

    assert tables == ["graph"]
    assert found == []
    assert "does not open the table 'todo'" in refused
    assert resources == ["pianola://rows/graph"]


# --- rows and the journal as resources, names, a system that is away ---


def test_rows_and_the_journal_are_resources(program):
    program.done("insert_rows", table="todo", rows=[{"title": "milk"}])

    async def play(client):
        listed = [str(one.uri) for one in (await client.list_resources()).resources]
        texts = [
            (await client.read_resource(one)).contents[0].text for one in ("pianola://rows/todo", "pianola://journal")
        ]
        return listed, [json.loads(text) for text in texts]

    listed, (rows, journal) = program.visit(play)

    assert {"pianola://rows/todo", "pianola://journal"} <= set(listed)
    assert titles(rows["rows"]) == ["milk"]
    added = next(one for one in journal["changes"] if one["table"] == "todo")
    assert (added["who"], added["did"], added["title"]) == ("The program “editor (MCP)”", "added", "milk")


def test_a_resource_that_is_not_there_is_said(program):
    from mcp import MCPError

    async def play(client):
        with pytest.raises(MCPError, match="There is nothing at") as refused:
            await client.read_resource("pianola://secrets")
        return refused.value.message

    assert "pianola://journal" in program.visit(play)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("claude-ai", "claude-ai (MCP)"),
        ("Visual Studio Code", "Visual Studio Code (MCP)"),
        ("You\n”: <b>", "You b (MCP)"),
        ("\u202eevil\x00", "evil (MCP)"),
        ("", "A program (MCP)"),
        ("x" * 1_000, f"{'x' * 34} (MCP)"),
    ],
)
def test_the_name_that_a_program_gives_itself_is_cleaned(said, shown):
    assert shown_name(said) == shown


def test_where_nothing_runs_a_program_can_still_come_and_is_told(tmp_path):
    from tests.support.system import System

    with System() as away:
        said = Program(away).call("list_rows", table="todo")

    assert said.startswith("Pianola is not running")


def test_many_rows_one_by_one_are_as_many_as_at_once():
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(MOST_IN_SPAN):
        assert pace.allows("editor", 1)
        pace.note("editor", 1)

    assert not pace.allows("editor", 1)
    assert pace.allows("another", 1)
    now[0] = SPAN_SECONDS + 1
    assert pace.allows("editor", 5)


def test_a_program_that_was_given_no_table_that_is_there_is_told(program):
    async def play(client):
        return answered(await client.call_tool("list_tables"))

    assert "None of the tables that this program may see is there" in program.visit(play, "--tables", "todos")
