"""The nine steps of one click, as the README lists them, with real processes and a real browser."""

from playwright.sync_api import expect

from bus.messages import (
    AgentActed,
    LlmFinished,
    LlmGenerate,
    LlmProgressed,
    LlmStarted,
    LlmToken,
    StoreChanged,
    StoreOrder,
)
from bus.wire import Envelope
from tests.conftest import WholeSystem
from tests.support.browser import Chromium
from tests.support.ollama_double import Say, speech
from tests.support.recorder import Recorder
from tests.support.system import Guest, System

STEPS = (LlmGenerate, LlmStarted, LlmProgressed, LlmToken, LlmFinished, AgentActed)
"""What follows from the click without being an order to the store, its answer or its fact."""

INSTRUCTION = '{"operation": "insert", "table": "todo", "values": {"title": "milk"}}'
ANSWER = f"Milk it is.\n\n```json\n{INSTRUCTION}\n```"


def begin_conversation(system: System) -> None:
    """Make an empty conversation, as the one that was opened last: every tab begins with it."""

    async def work(guest: Guest) -> None:
        made = await guest.bus.ask(StoreOrder(verb="insert", table="conversation"), "conversation")
        opened = {"value": made.message.rows[0]["id"]}
        await guest.bus.ask(StoreOrder(verb="update", table="setting", id="conversation", values=opened), "setting")

    system.visit(work)


def test_the_nine_steps_of_a_click(whole_system: WholeSystem, chromium: Chromium):
    whole_system.ollama.play(speech(ANSWER, rate=100))
    begin_conversation(whole_system.system)
    with Recorder(whole_system.system.settings) as bus, chromium.visit(whole_system.system) as tab:
        other = tab.second()

        tab.say("add milk")

        # 1, 2: the message is stored; then every tab shows it
        for one in (tab, other):
            expect(one.messages("user").last.locator(".text")).to_have_text("add milk")
        question = bus.wait(
            lambda heard: isinstance(heard.message, StoreChanged) and heard.message.row.get("role") == "user"
        )
        click = bus.by_id(question.header.cause)
        assert (click.message.verb, click.header.sender.split("-")[0]) == ("insert", "web")

        # 3: the agent stores an empty answer first, then asks for it
        generate = bus.wait(lambda heard: isinstance(heard.message, LlmGenerate))
        answer = bus.wait(
            lambda heard: isinstance(heard.message, StoreChanged) and heard.message.row.get("role") == "assistant"
        )
        assert (answer.message.row["state"], answer.message.row["reply_to"]) == ("streaming", question.message.id)
        assert generate.header.cause == question.header.id
        assert generate.message.messages[-1]["content"].endswith("# The user says\nadd milk")

        # 4, 5: the worker streams, every tab shows it
        finished = bus.wait(lambda heard: isinstance(heard.message, LlmFinished))
        tokens = [heard.message for heard in bus.all(LlmToken)]
        assert "".join(token.text for token in tokens) == ANSWER == finished.message.text
        assert [token.index for token in tokens] == list(range(len(tokens)))
        assert bus.all(LlmStarted)[0].header.cause == generate.header.id

        # 6: the text is stored
        tab.answered()
        stored = bus.wait(
            lambda heard: (
                isinstance(heard.message, StoreChanged)
                and heard.message.row.get("state") == "done"
                and heard.message.row["role"] == "assistant"
            )
        )
        assert stored.message.row["text"] == ANSWER

        # 7, 8: the instruction is carried out for the model; every tab shows the row, with Undo
        todo = bus.wait(lambda heard: isinstance(heard.message, StoreChanged) and heard.message.table == "todo")
        assert (todo.message.row["title"], todo.message.actor) == ("milk", "model")
        bus.wait(lambda heard: isinstance(heard.message, AgentActed) and heard.message.outcome == "applied")
        for one in (tab, other):
            expect(one.todo("milk")).to_have_count(1)
            expect(one.messages("action").last).to_have_attribute("data-state", "applied")

        # 9: anybody can hear each step, and each names its cause, back to the click
        chain, heard = [], todo
        while heard.header.cause:
            heard = bus.by_id(heard.header.cause)
            chain.append(heard.message.kind)
        assert heard.header.id == click.header.id
        assert chain == ["store.order", "llm.generate", "store.changed", "store.order"]
        followed = [heard for heard in bus.heard if isinstance(heard.message, STEPS) and is_about(heard, tokens[0])]
        assert {type(heard.message) for heard in followed} == set(STEPS)
        assert {origin(bus, heard).header.id for heard in followed} == {click.header.id}
        assert [heard for heard in bus.heard if not (heard.header.cause or heard.message.begins)] == []

        tab.messages("action").last.get_by_role("button", name="Undo").click()
        for one in (tab, other):
            expect(one.todo("milk")).to_have_count(0)
            expect(one.messages("action").last).to_have_attribute("data-state", "undone")
        assert bus.all(StoreOrder, verb="undo", actor="user")


def is_about(heard: Envelope, token: LlmToken) -> bool:
    """Return whether a message belongs to the generation of this token."""
    return getattr(heard.message, "generation", "") == token.generation


def origin(bus: Recorder, heard: Envelope) -> Envelope:
    """Return the message at the beginning of the chain of causes."""
    while heard.header.cause:
        heard = bus.by_id(heard.header.cause)
    return heard


def test_a_message_of_two_tabs_streams_into_both(whole_system: WholeSystem, chromium: Chromium):
    whole_system.ollama.play([Say("Hello "), Say("there.")])
    begin_conversation(whole_system.system)
    with chromium.visit(whole_system.system) as tab:
        other = tab.second()

        other.say("hi")

        for one in (tab, other):
            expect(one.answer().locator(".text")).to_have_text("Hello there.")
