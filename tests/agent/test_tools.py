"""The path on which a model writes instructions (native calls, text, a fixed schema); each is shown and remembered."""

import json
from collections.abc import Iterator

import pytest

from apps.tables import Field, Table
from bus.messages import LlmGenerate, StoreChanged
from services.agent.prompt.syntax import ON_JOBS, tools
from tests.support.model_replies import instruction
from tests.support.ollama_double import Call, Done, Model, OllamaDouble, Say, Status, speech, told
from tests.support.system import System
from tests.support.user import User, running, visit

TOOLS = Model("tools:8b", ("completion", "tools"))


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with (
        OllamaDouble(TOOLS, Model("plain:1b", ("completion",)), Model("broken:8b")) as double,
        running(double) as system,
    ):
        yield double, system


def insert(title: str) -> Call:
    return Call("insert", {"table": "todo", "values": {"title": title}})


def test_native_calls_are_done_in_one_transaction_and_the_model_is_told_the_results(
    shared: System, double: OllamaDouble
) -> None:
    double.play([insert("milk"), insert("eggs"), Call("list", {"table": "todo"}), Done()], speech("Both are on it."))

    async def play(user: User) -> None:
        await user.set("model", "tools:8b")
        question = await user.say("add milk and eggs, and what is left?")
        step = await user.answer(question, purpose="step")
        assert step["text"] == "Both are on it."
        facts = user.guest.all(StoreChanged, table="todo", verb="insert")
        assert [fact.row["title"] for fact in facts] == ["milk", "eggs"]
        assert facts[1].revision == facts[0].revision + 1
        first, second = double.chats
        names = [tool["function"]["name"] for tool in first.body["tools"]]
        assert names == ["insert", "update", "delete", "toggle", "sort", "list", "get", "search", *ON_JOBS, "open"]
        called, *results = second.body["messages"][-4:]
        assert [call["function"]["name"] for call in called["tool_calls"]] == ["insert", "insert", "list"]
        assert [one["tool_name"] for one in results] == ["insert", "insert", "list"]
        assert "Added “eggs” to todo." in results[1]["content"]
        assert '"eggs", done: no' in results[2]["content"]
        row = await user.answer(question, purpose="chat")
        assert row["detail"]["path"] == "tools"
        assert row["detail"]["tokens"]["prompt"] == 26

    visit(shared, play)


def test_a_model_without_tools_is_given_the_syntax_as_text(shared: System, double: OllamaDouble) -> None:
    double.play(speech("Sure.\n" + instruction(operation="insert", table="todo", values={"title": "milk"})))

    async def play(user: User) -> None:
        await user.set("model", "plain:1b")
        row = await user.answer(await user.say("add milk"))
        assert "tools" not in double.chats[0].body
        assert '"operation": "insert"' in double.chats[0].body["messages"][0]["content"]
        assert row["detail"]["path"] == "text"
        (span,) = row["detail"]["spans"]
        assert row["text"][span[0] : span[1]].startswith("```json\n{")
        assert row["text"][: span[0]] == "Sure.\n"
        await user.row(role="action", conversation=user.conversation, state="applied")

    visit(shared, play)


def test_a_model_with_tools_that_writes_its_call_as_text_is_understood(shared: System, double: OllamaDouble) -> None:
    call = {"name": "insert", "arguments": {"table": "todo", "values": {"title": "milk"}}}
    double.play(speech(f"<tool_call>{json.dumps(call)}</tool_call>"))

    async def play(user: User) -> None:
        await user.set("model", "tools:8b")
        await user.say("add milk")
        await user.row(role="action", conversation=user.conversation, text="Added “milk” to todo.")

    visit(shared, play)


def test_a_repair_by_text_follows_the_schema_of_the_open_app(shared: System, double: OllamaDouble) -> None:
    right = {"operation": "insert", "table": "todo", "values": {"title": "milk"}}
    repaired = json.dumps({"say": "Now then.", "instructions": [right]})
    double.play(speech(instruction(operation="insert", table="todo", values={"name": "milk"})), speech(repaired))

    async def play(user: User) -> None:
        await user.set("model", "plain:1b")
        question = await user.say("add milk")
        step = await user.answer(question, purpose="step")
        await user.row(role="action", conversation=user.conversation, text="Added “milk” to todo.")
        assert "format" not in double.chats[0].body
        assert double.chats[1].body["format"]["required"] == ["say", "instructions"]
        begun, *_, newest = (one.body["messages"] for one in double.chats[:2])
        assert newest[: len(begun)] == begun  # the server reads only what is new
        assert "`instructions`" in newest[-1]["content"]
        assert step["detail"]["path"] == "format"
        assert step["text"].startswith("Now then.\n\n```json\n")

    visit(shared, play)


def test_a_change_that_is_only_claimed_is_asked_for_by_the_schema_and_then_said(
    shared: System, double: OllamaDouble
) -> None:
    right = {"operation": "insert", "table": "todo", "values": {"title": "milk"}}
    repaired = json.dumps({"say": "Now then.", "instructions": [right]})
    claim = speech("I've added the eggs to your list!")

    async def play(user: User) -> None:
        await user.set("model", "plain:1b")
        double.play(speech("I've added milk to your list!"), speech(repaired))
        await user.say("add milk")
        await user.row(role="action", conversation=user.conversation, text="Added “milk” to todo.")
        assert "format" in double.chats[1].body
        double.play(claim, claim, claim)
        await user.say("add eggs")
        card = await user.row(role="action", conversation=user.conversation, state="refused")
        assert card["text"].startswith("The answer says that something was done")
        assert [row["title"] for row in await user.order("list", "todo")] == ["milk"]

    visit(shared, play)


def test_a_model_that_fails_with_tools_falls_back_to_text_from_then_on(shared: System, double: OllamaDouble) -> None:
    said = instruction(operation="insert", table="todo", values={"title": "milk"})
    double.play([Status(400, "broken:8b does not support tools")], speech(said), speech("Hello."))

    async def play(user: User) -> None:
        await user.set("model", "broken:8b")
        row = await user.answer(await user.say("add milk"))
        assert row["detail"]["path"] == "text"
        assert row["attempt"] == 2
        await user.row(role="action", state="applied")
        await user.answer(await user.say("hello"))
        with_tools = [order.generation for order in user.guest.all(LlmGenerate) if order.tools]
        assert with_tools == [f"{row['id']}.1"]
        (remembered,) = await user.order("list", "setting", where={"id": "paths"})
        assert remembered["value"] == {"broken:8b": "text"}

    visit(shared, play)


def test_an_app_can_be_opened_and_used_in_the_same_reply(shared: System, double: OllamaDouble) -> None:
    double.play([Say("Here."), Call("open", {"app": "todo"}), insert("milk"), Done()], speech("-"))

    async def play(user: User) -> None:
        await user.set("model", "tools:8b")
        await user.say("open todo and add milk")
        await user.row(role="action", conversation=user.conversation, text="Opened todo.")
        await user.row(role="action", conversation=user.conversation, text="Added “milk” to todo.")
        await user.guest.until(
            lambda heard: (
                isinstance(heard.message, StoreChanged)
                and heard.message.verb == "delete"
                and heard.message.before.get("purpose") == "step"
            )
        )

    visit(shared, play)


def test_what_the_model_was_told_is_kept_layer_by_layer_and_constant_layers_once(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        await user.set("model", "plain:1b")
        answers = [await user.answer(await user.say(text)) for text in ("hello", "hello again")]
        kept = await user.order("list", "told", where={"id": [row["generation"] for row in answers]})
        first, second = [{part["name"]: part["layer"] for part in one["parts"]} for one in kept]
        for name in ("Who you are", "Rules", "The open app: todo", "Instructions"):
            assert first[name] == second[name]
        layers = {row["id"]: row["text"] for row in await user.order("list", "layer", limit=1000)}
        for chat, one in zip(double.chats, kept, strict=True):
            system = "\n\n".join(f"# {p['name']}\n{layers[p['layer']]}" for p in one["parts"] if p["kind"] == "layer")
            turns = [layers[part["layer"]] for part in one["parts"] if part["kind"] == "turn"]
            assert [message["content"] for message in chat.body["messages"]] == [system, *turns]

    visit(shared, play)


def test_another_app_or_profile_changes_the_layers_with_the_next_answer(shared: System, double: OllamaDouble) -> None:
    double.play(speech("Hi."), [Call("open", {"app": "profiles"}), Done()], speech("There they are."), speech("Hi."))

    async def play(user: User) -> None:
        await user.set("model", "tools:8b")
        acme = await user.insert("profile", name="Acme")
        await user.set("profile", acme["id"])
        await user.answer(await user.say("hello"))
        assert "# Rows of todo of Acme\n" in told(double.chats[0].body)
        question = await user.say("show me the profiles")
        step = await user.answer(question, purpose="step")
        assert step["text"] == "There they are."
        (opened,) = await user.order("list", "setting", where={"id": "app"})
        assert opened["value"] == "profiles"
        assert "# The open app: profiles" in double.chats[2].body["messages"][0]["content"]
        assert "Acme" in double.chats[2].body["messages"][-1]["content"]
        assert double.chats[2].body["tools"][0]["function"]["parameters"]["properties"]["table"]["enum"] == ["profile"]
        await user.set("app", "journal")
        await user.answer(await user.say("what happened?"))
        assert [tool["function"]["name"] for tool in double.chats[3].body["tools"]] == [
            "list",
            "get",
            "search",
            *ON_JOBS,
            "open",
        ]
        await user.set("app", "todo")
        await user.set("profile", 1)

    visit(shared, play)


def test_a_tool_for_several_tables_says_which_fields_each_has_and_which_are_required() -> None:
    person = Table("person", (Field("name", required=True),))
    meeting = Table("meeting", (Field("person", "link", to="person", required=True), Field("met", "date")))

    insert = next(
        one["function"] for one in tools((person, meeting), ("people",)) if one["function"]["name"] == "insert"
    )

    values = insert["parameters"]["properties"]["values"]
    assert values["description"] == (
        "The fields of each table. person: name (text, required); "
        "meeting: person (id of a row of person, required), met (day)"
    )
    alone = next(one["function"] for one in tools((person,), ("people",)) if one["function"]["name"] == "insert")
    assert "description" not in alone["parameters"]["properties"]["values"]
