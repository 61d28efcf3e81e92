"""The agent with real processes around it: broker, store, llm_worker, and an HTTP server in Ollama's place."""

import asyncio
import json
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from bus.messages import (
    AgentActed,
    LlmCancel,
    LlmFinished,
    LlmGenerate,
    LlmToken,
    StoreChanged,
    UiActed,
)
from bus.wire import Envelope
from services.agent.talk.keyed_lock import KeyedLock
from tests.support.model_replies import instruction, unfinished
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait, speech, told, words_of
from tests.support.system import System, message_of, run_apart
from tests.support.user import Row, User, running, visit


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    """One system for all tests that kill nothing."""
    with OllamaDouble() as double, running(double, PIANOLA_COMMENTS_PER_MINUTE="600") as system:
        yield double, system


@pytest.fixture
def double(request: pytest.FixtureRequest) -> Iterator[OllamaDouble]:
    """A double of its own for the test, or that of the shared system, without earlier requests."""
    if "shared" not in request.fixturenames:
        with OllamaDouble() as double:
            yield double
    else:
        double, _ = request.getfixturevalue("module_system")
        double.chats.clear()
        yield double


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_question_gets_one_answer_whose_text_is_what_the_model_said(shared: System, double: OllamaDouble) -> None:
    double.play(speech("Hello there, you."))

    async def play(user: User) -> None:
        question = await user.say("hello")
        row = await user.answer(question)
        assert row["text"] == "Hello there, you."
        assert row["model"] == "double:1b"
        assert row["generation"] == f"{row['id']}.1"
        assert row["purpose"] == "chat"
        assert words_of(double.chats[0].body) == "hello"

    visit(shared, play)


def test_the_chain_of_causes_leads_from_the_answer_back_to_the_order_of_the_user(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        question = await user.say("hello")
        row = await user.answer(question)
        by_id = {heard.header.id: heard for heard in user.guest.heard}
        ended = next(heard for heard in user.guest.heard if user._is_row(heard, {"id": row["id"], "state": "done"}))
        kinds, at = [], ended
        while at.header.cause:
            at = by_id[at.header.cause]
            kinds.append(at.message.kind)
        assert kinds == ["store.order", "llm.generate", "store.changed", "store.order"]

    visit(shared, play)


def test_questions_of_one_conversation_are_answered_in_order_and_of_two_at_the_same_time(
    shared: System, double: OllamaDouble
) -> None:
    held = threading.Event()
    double.play([Say("one"), Wait(held), Done()], speech("elsewhere"), speech("two"))

    async def play(user: User) -> None:
        other = await user.insert("conversation", title="Other")
        first = await user.say("first")
        await user.token(0)
        second = await user.say("second")
        elsewhere = await user.say("third", other["id"])
        assert (await user.answer(elsewhere))["text"] == "elsewhere"
        waiting = await user.answer(second, "streaming")
        assert all(order.generation != f"{waiting['id']}.1" for order in user.orders_to_generate())
        held.set()
        await user.answer(first)
        assert (await user.answer(second))["text"] == "two"
        messages = double.chats[-1].body["messages"]
        assert [words_of({"messages": [one]}) for one in messages[1:]] == ["first", "one", "second"]

    visit(shared, play)


# --- questions that wait ---------------------------------------------------------------------------------------------


async def wait_with(user: User, text: str, **values: object) -> Row:
    """Put a question behind the answer that is being given."""
    return await user.insert("waiting_message", conversation=user.conversation, text=text, **values)


def test_what_waits_is_asked_after_the_answer_in_the_order_and_the_words_that_it_has_then(
    shared: System, double: OllamaDouble
) -> None:
    held = threading.Event()
    double.play([Say("one"), Wait(held), Done()], speech("three"), speech("two"))

    async def play(user: User) -> None:
        first = await user.say("first")
        await user.token(0)
        second = await wait_with(user, "second")
        removed = await wait_with(user, "never")
        third = await wait_with(user, "thrid")
        await user.update("waiting_message", third["id"], text="third")
        await user.order("sort", "waiting_message", id=third["id"], values={"after": 0})
        await user.order("delete", "waiting_message", id=removed["id"])
        assert len(user.orders_to_generate()) == 1
        held.set()
        await user.answer(first)
        last = await user.row(role="user", text="second")
        assert last["detail"]["waited"] == second["id"]
        assert (await user.answer(last))["text"] == "two"
        assert said_in(double.chats[-1].body) == ["first", "one", "third", "three", "second"]
        assert await user.order("list", "waiting_message") == []

    visit(shared, play)


def test_stop_ends_what_runs_and_what_waits_comes_next(shared: System, double: OllamaDouble) -> None:
    held = threading.Event()
    double.play([Say("one"), Wait(held), Done()], speech("two"))

    async def play(user: User) -> None:
        first = await user.say("first")
        generation = (await user.token(0)).message.generation
        await wait_with(user, "second")
        user.guest.bus.say(LlmCancel(generation=generation), str(user.conversation))
        assert (await user.answer(first, "stopped"))["text"] == "one"
        assert (await user.answer(await user.row(role="user", text="second")))["text"] == "two"
        held.set()

    visit(shared, play)


def test_what_waits_where_no_answer_comes_is_asked_at_once_also_when_its_removal_is_undone(
    shared: System, double: OllamaDouble
) -> None:
    held = threading.Event()
    double.play([Say("one"), Wait(held), Done()], speech("two"))

    async def play(user: User) -> None:
        first = await user.say("first")
        await user.token(0)
        waiting = await wait_with(user, "second")
        await user.order("delete", "waiting_message", id=waiting["id"])
        held.set()
        await user.answer(first)
        deletion = await user.order(
            "list", "change", where={"subject": "waiting_message", "verb": "delete"}, sort="-id"
        )
        await user.order("undo", "", values={"change": deletion[0]["id"]})
        assert (await user.answer(await user.row(role="user", text="second")))["text"] == "two"

    visit(shared, play)


# --- branches --------------------------------------------------------------------------------------------------------


def said_in(body: Row) -> list[str]:
    """Return the words of the talk in a prompt, without what stands before them."""
    return [message["content"].rpartition("\n")[2] for message in body["messages"][1:]]


def test_the_prompt_of_a_branch_has_what_it_shares_and_not_what_was_left_behind(
    shared: System, double: OllamaDouble
) -> None:
    double.respond = lambda body: speech(f"Heard {said_in(body)[-1]}.")

    async def play(user: User) -> None:
        first, second = await user.say("one"), None
        await user.answer(first)
        second = await user.say("two")
        await user.answer(second)
        edited = await user.insert("conversation", parent=user.conversation, before=second["id"], version=True)
        again = await user.say("three", edited["id"])
        answer = await user.answer(again)
        assert said_in(double.chats[-1].body) == ["one", "Heard one.", "three"]
        fork = await user.insert("conversation", parent=edited["id"], before=answer["id"] + 1)
        await user.answer(await user.say("four", fork["id"]))
        assert said_in(double.chats[-1].body) == ["one", "Heard one.", "three", "Heard three.", "four"]
        await user.answer(await user.say("five"))
        assert said_in(double.chats[-1].body) == ["one", "Heard one.", "two", "Heard two.", "five"]

    visit(shared, play)


def test_another_answer_is_written_to_the_question_of_the_conversation_before(
    shared: System, double: OllamaDouble
) -> None:
    double.play(speech("An answer."), speech("Another one."), speech("Bye."))

    async def play(user: User) -> None:
        question = await user.say("hello")
        answer = await user.answer(question)
        branch = (await user.insert("conversation", parent=user.conversation, before=answer["id"], version=True))["id"]
        reply = {"conversation": branch, "role": "assistant", "state": "streaming", "attempt": 1}
        await user.insert("message", **reply, reply_to=question["id"])
        other = await user.answer(question, conversation=branch)
        assert other["text"] == "Another one."
        assert said_in(double.chats[-1].body) == ["hello"]
        await user.answer(await user.say("and now?", branch))
        assert said_in(double.chats[-1].body) == ["hello", "Another one.", "and now?"]

    visit(shared, play)


def test_a_question_whose_deletion_was_undone_is_not_answered_again(shared: System, double: OllamaDouble) -> None:
    double.play(speech("One."), speech("Two."))

    async def play(user: User) -> None:
        question = await user.say("hello")
        await user.answer(question)
        await user.order("delete", "message", id=question["id"])
        deletion = await user.order("list", "change", where={"subject": "message", "row": question["id"]}, sort="-id")
        asked_before = len(user.guest.all(LlmGenerate))
        await user.order("undo", "", values={"change": deletion[0]["id"]})
        last = await user.answer(await user.say("and now?"))
        later = {order.generation for order in user.guest.all(LlmGenerate)[asked_before:]}
        assert later == {last["generation"]}

    visit(shared, play)


def test_a_lock_is_kept_for_those_who_wait_when_others_come_and_go() -> None:
    async def play() -> list[int]:
        keyed_lock, order, inside = KeyedLock(), [], set()

        async def take_turn(number: int) -> None:
            async with keyed_lock.of(1):
                assert not inside
                inside.add(number)
                await asyncio.sleep(0)
                order.append(number)
                inside.discard(number)
            if number < 3:
                later.append(asyncio.ensure_future(take_turn(number + 10)))

        later: list[asyncio.Future[None]] = []
        await asyncio.gather(*(take_turn(number) for number in range(5)))
        await asyncio.gather(*later)
        return order

    assert run_apart(play()) == [0, 1, 2, 3, 4, 10, 11, 12]


def test_a_stopped_answer_keeps_its_text_and_one_stopped_while_it_waits_is_never_generated(
    shared: System,
    double: OllamaDouble,
) -> None:
    held = threading.Event()
    double.play([Say("so far"), Wait(held)])

    async def play(user: User) -> None:
        first = await user.say("first")
        await user.token(0)
        second = await user.say("second")
        running_row, waiting = await user.answer(first, "streaming"), await user.answer(second, "streaming")
        await user.guest.bus.ask(LlmCancel(generation=f"{waiting['id']}.1"), user.conversation)
        await user.guest.bus.ask(LlmCancel(generation=f"{running_row['id']}.1"), user.conversation)
        assert (await user.answer(first, "stopped"))["text"] == "so far"
        assert (await user.answer(second, "stopped"))["text"] == ""
        assert len(double.chats) == 1

    visit(shared, play)
    held.set()


def test_a_failed_answer_can_be_retried_and_a_stopped_one_continued(shared: System, double: OllamaDouble) -> None:
    held = threading.Event()
    double.play([Say("Once upon"), Wait(held)], speech(" a time."), speech("Anew."))

    async def play(user: User) -> None:
        question = await user.say("tell")
        await user.token(0)
        row = await user.answer(question, "streaming")
        await user.guest.bus.ask(LlmCancel(generation=f"{row['id']}.1"), user.conversation)
        await user.answer(question, "stopped")
        await user.update("message", row["id"], state="streaming", attempt=2, problem="")
        continued = await user.answer(question)
        assert continued["text"] == "Once upon a time."
        assert double.chats[1].body["messages"][-1] == {"role": "assistant", "content": "Once upon"}
        await user.update("message", row["id"], state="streaming", attempt=3, text="", problem="")
        assert (await user.answer(question, attempt=3))["text"] == "Anew."

    visit(shared, play)
    held.set()


# --- nothing is lost -------------------------------------------------------------------------------------------------

MANY = [f"token {number} " for number in range(120)]


def test_an_agent_killed_in_the_middle_of_an_answer_ends_it_with_the_whole_text(double: OllamaDouble) -> None:
    double.play([*(Say(text, rate=100) for text in MANY), Done()])

    with running(double) as system:

        async def play(user: User) -> None:
            question = await user.say("hello")
            await user.token(40)
            await asyncio.to_thread(system.kill, "agent")
            await user.token(60)
            await asyncio.to_thread(system.start, "agent")
            assert (await user.answer(question))["text"] == "".join(MANY)
            assert len(double.chats) == 1

        visit(system, play)


def test_an_agent_that_was_away_finds_the_end_of_an_answer_and_unanswered_questions(double: OllamaDouble) -> None:
    double.play([*(Say(text, rate=200) for text in MANY), Done()], speech("late but sure"))

    with running(double) as system:

        async def play(user: User) -> None:
            first = await user.say("hello")
            await user.token(5)
            await asyncio.to_thread(system.kill, "agent")
            await user.guest.until(message_of(LlmFinished))
            second = await user.say("are you there?")
            await asyncio.to_thread(system.start, "agent")
            assert (await user.answer(first))["text"] == "".join(MANY)
            assert (await user.answer(second))["text"] == "late but sure"

        visit(system, play)


def test_a_worker_killed_in_the_middle_leaves_exactly_what_was_published(double: OllamaDouble) -> None:
    double.play(unfinished(MANY, rate=100), speech("Anew."))

    with running(double) as system:

        async def play(user: User) -> None:
            question = await user.say("hello")
            await user.token(40)
            await asyncio.to_thread(system.kill, "llm_worker")
            await asyncio.to_thread(system.start, "llm_worker")
            row = await user.answer(question, "interrupted")
            assert row["text"] == "".join(token.text for token in user.guest.all(LlmToken))
            assert row["problem"]
            await user.update("message", row["id"], state="streaming", attempt=2, text="", problem="")
            assert (await user.answer(question, attempt=2))["text"] == "Anew."

        visit(system, play)


def test_a_question_asked_while_the_worker_is_away_is_answered_when_it_is_back(double: OllamaDouble) -> None:
    with running(double) as system:

        async def play(user: User) -> None:
            await asyncio.to_thread(system.kill, "llm_worker")
            question = await user.say("hello")
            await user.guest.until(message_of(LlmGenerate))
            await asyncio.to_thread(system.start, "llm_worker")
            assert "double" in (await user.answer(question))["text"]

        visit(system, play)


def test_a_stream_survives_the_broker(double: OllamaDouble) -> None:
    double.play([*(Say(text, rate=100) for text in MANY), Done()])

    with running(double) as system:

        async def play(user: User) -> None:
            question = await user.say("hello")
            await user.token(30)
            await asyncio.to_thread(system.kill, "broker")
            await asyncio.to_thread(system.start, "broker")
            await user.guest.bus.greet()
            await wait_for_state(user, question, "done", "".join(MANY))

        visit(system, play)


async def wait_for_state(user: User, question: Row, state: str, text: str) -> None:
    """Ask the store until the answer is there: its fact may have been missed."""
    async with asyncio.timeout(60):
        while True:
            rows = await user.order("list", "message", where={"reply_to": question["id"], "state": state})
            if rows:
                assert rows[0]["text"] == text
                return
            await asyncio.sleep(0.05)


# --- comments --------------------------------------------------------------------------------------------------------


def test_in_ambient_mode_a_burst_becomes_one_comment(shared: System, double: OllamaDouble) -> None:
    double.play(speech("Milk, eggs, and bread. Bold."))

    async def play(user: User) -> None:
        await user.set("mode", "ambient")
        rows = [await user.insert("todo", title=title) for title in ("milk", "eggs", "bread")]
        comment = await user.row(purpose="comment", state="done")
        assert comment["text"] == "Milk, eggs, and bread. Bold."
        assert (comment["conversation"], comment["app"]) == (0, "todo")
        assert comment["detail"]["about"] == [{"table": "todo", "row": row["id"]} for row in rows]
        last = double.chats[0].body["messages"][-1]["content"]
        assert all(title in last for title in ("milk", "eggs", "bread"))
        assert len(double.chats) == 1

    visit(shared, play)


def test_in_chatty_mode_each_action_gets_a_comment(shared: System, double: OllamaDouble) -> None:
    double.play(speech("One."), speech("Two."), speech("Three."))

    async def play(user: User) -> None:
        await user.set("mode", "chatty")
        for title in ("milk", "eggs", "bread"):
            await user.insert("todo", title=title)
        for text in ("One.", "Two.", "Three."):
            await user.row(purpose="comment", state="done", text=text)
        last = [chat.body["messages"][-1]["content"].rpartition("# Just happened")[2] for chat in double.chats]
        assert ["milk" in last[0], "eggs" in last[1], "bread" in last[2]] == [True] * 3

    visit(shared, play)


def test_over_the_limit_there_is_no_comment_for_each_action(double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await user.set("mode", "ambient")
        await user.insert("todo", title="milk")
        await user.row(purpose="comment", state="done")
        await user.insert("todo", title="eggs")
        question = await user.say("still there?")
        await user.answer(question)
        assert len(user.remarks()) == 1

    with running(double, PIANOLA_COMMENTS_PER_MINUTE="3") as system:
        visit(system, play)


def test_in_quiet_mode_there_is_no_comment(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await user.set("mode", "quiet")
        await user.insert("todo", title="milk")
        question = await user.say("hello")
        await user.answer(question)
        assert user.remarks() == []
        assert "milk" in told(double.chats[0].body)

    visit(shared, play)


def test_a_question_ends_the_comment_that_runs_and_goes_first(shared: System, double: OllamaDouble) -> None:
    held = threading.Event()
    double.play([Say("Well, "), Wait(held)], speech("Your answer."), speech("A later comment."))

    async def play(user: User) -> None:
        await user.set("mode", "chatty")
        await user.insert("todo", title="milk")
        await user.token(0)
        await user.insert("todo", title="eggs")
        question = await user.say("what now?")
        assert (await user.answer(question))["text"] == "Your answer."
        await user.row(purpose="comment", state="stopped", text="Well,")
        await user.row(purpose="comment", state="done", text="A later comment.")
        purposes = [order.purpose for order in user.orders_to_generate()]
        assert purposes == ["comment", "chat", "comment"]

    visit(shared, play)
    held.set()


def test_a_poke_is_answered_and_an_empty_comment_leaves_no_row(shared: System, double: OllamaDouble) -> None:
    double.play(speech("-"), speech("Ouch."))

    async def play(user: User) -> None:
        await user.set("mode", "ambient")
        user.guest.bus.say(UiActed(app="todo", action="poked"), "todo")
        await user.guest.until(message_of(StoreChanged, table="message", verb="delete"))
        user.guest.bus.say(UiActed(app="todo", action="poked"), "todo")
        await user.row(purpose="comment", state="done", text="Ouch.")
        assert await user.order("list", "message", where={"conversation": user.conversation}) == []

    visit(shared, play)


def test_a_poke_is_answered_in_quiet_mode_too(shared: System, double: OllamaDouble) -> None:
    double.play(speech("Still a lot of milk."))

    async def play(user: User) -> None:
        await user.insert("todo", title="milk")
        user.guest.bus.say(UiActed(app="todo", action="poked"), "todo")
        await user.row(purpose="comment", state="done", text="Still a lot of milk.")
        assert "milk" in told(double.chats[0].body)

    visit(shared, play)


def test_a_comment_begins_as_the_talk_and_the_talk_knows_it_only_as_a_line(
    shared: System, double: OllamaDouble
) -> None:
    double.play(speech("Hello."), speech("Milky."), speech("Bold."), speech("You like shopping."))

    async def play(user: User) -> None:
        await user.answer(await user.say("hi"))
        await user.set("mode", "chatty")
        for title, text in (("milk", "Milky."), ("eggs", "Bold.")):
            row = await user.insert("todo", title=title)
            await user.row(purpose="comment", state="done", text=text)
        await user.set("mode", "quiet")
        await user.order("delete", "todo", id=row["id"])
        await user.answer(await user.say("what do I like?"))
        talk, first, second, answer = [chat.body["messages"] for chat in double.chats]
        assert first[: len(talk)] == second[: len(talk)] == answer[: len(talk)] == talk
        assert "- You remarked: “Milky.”" in second[-1]["content"]
        assert [turn["role"] for turn in answer] == ["system", "user", "assistant", "user"]
        assert "- You remarked: “Milky.”" in answer[-1]["content"]
        assert "Bold." not in told(double.chats[-1].body), "the row that it was about is gone"

    visit(shared, play)


def test_a_comment_about_a_row_that_is_gone_is_cancelled_and_not_kept(shared: System, double: OllamaDouble) -> None:
    held = threading.Event()
    double.play([Say("Well, "), Wait(held)], speech("Bread it is."))

    async def play(user: User) -> None:
        await user.set("mode", "ambient")
        milk, eggs = [await user.insert("todo", title=title) for title in ("oat milk", "duck eggs")]
        generation = (await user.token(0)).message.generation
        bread = await user.insert("todo", title="rye bread")
        tea = await user.insert("todo", title="tea")
        await user.order("delete", "todo", id=tea["id"])
        await user.order("delete", "todo", id=eggs["id"])
        finished = await user.guest.until(message_of(LlmFinished, generation=generation))
        assert finished.message.reason == "cancelled"
        comment = await user.row(purpose="comment", state="done")
        assert comment["text"] == "Bread it is."
        assert comment["detail"]["about"] == [{"table": "todo", "row": bread["id"]}]
        assert "tea" not in comment["detail"]["happened"].replace("deleted the todo “tea”", "")
        kept = await user.order("list", "message", where={"conversation": 0, "id": {"from": comment["id"] - 1}})
        assert [row["id"] for row in kept] == [comment["id"]]
        assert milk["id"] not in [one["row"] for one in comment["detail"]["about"]]

    visit(shared, play)
    held.set()


def test_the_user_silences_an_app_or_the_day_and_a_poke_is_answered_all_the_same(
    shared: System, double: OllamaDouble
) -> None:
    double.play(speech("You asked."), speech("Back again."))

    async def play(user: User) -> None:
        for silence in ({"apps": ["todo"], "until": 0}, {"apps": [], "until": time.time() + 3_600}):
            await user.set("silence", silence)
            await user.set("mode", "chatty")
            await user.insert("todo", title="milk")
        user.guest.bus.say(UiActed(app="todo", action="poked"), "todo")
        await user.row(purpose="comment", state="done", text="You asked.")
        await user.set("silence", {"apps": ["links"], "until": time.time() - 1})
        await user.insert("todo", title="bread")
        said = await user.row(purpose="comment", state="done", text="Back again.")
        assert "bread" in said["detail"]["happened"]
        assert len(double.chats) == 2

    visit(shared, play)


@pytest.mark.parametrize("victim", ["agent", "llm_worker"])
def test_a_comment_survives_a_kill_in_its_middle(double: OllamaDouble, victim: str) -> None:
    text = "A sentence that goes on. " * 3
    double.play(speech(text, rate=20))

    with running(double) as system:

        async def play(user: User) -> None:
            await user.set("mode", "chatty")
            await user.insert("todo", title="milk")
            await user.token(5)
            await asyncio.to_thread(system.kill, victim, signal.SIGKILL)
            await asyncio.to_thread(system.start, victim)
            ended = await user.guest.until(is_end_of_comment)
            state, said = ended.message.row["state"], ended.message.row["text"]
            assert state == {"agent": "done", "llm_worker": "interrupted"}[victim]
            assert said
            assert text.startswith(said)
            assert len(await user.order("list", "message", where={"purpose": "comment"})) == 1

        visit(system, play)


def is_end_of_comment(heard: Envelope) -> bool:
    fact = heard.message
    return (
        isinstance(fact, StoreChanged)
        and fact.table == "message"
        and fact.row.get("purpose") == "comment"
        and fact.row["state"] != "streaming"
    )


def test_comments_end_when_the_tokens_of_the_hour_are_spent(double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await user.set("mode", "chatty")
        await user.insert("todo", title="milk")
        await user.row(purpose="comment", state="done")
        await user.insert("todo", title="eggs")
        await user.answer(await user.say("still there?"))
        assert len(user.remarks()) == 1

    with running(double, PIANOLA_COMMENT_TOKENS_PER_HOUR="20") as system:
        visit(system, play)


# --- instructions ----------------------------------------------------------------------------------------------------


def test_add_milk_becomes_a_row_and_a_card_in_the_chat_and_can_be_undone(shared: System, double: OllamaDouble) -> None:
    double.play(speech(instruction(operation="insert", table="todo", values={"title": "milk"})))

    async def play(user: User) -> None:
        question = await user.say("add milk")
        answer = await user.answer(question)
        entry = await user.row(role="action", reply_to=answer["id"])
        todos = await user.order("list", "todo")
        assert [(todo["title"], todo["profile"]) for todo in todos] == [("milk", 1)]
        assert entry["state"] == "applied"
        assert entry["text"] == "Added “milk” to todo."
        fact = user.guest.all(StoreChanged, table="todo", verb="insert")[0]
        assert (fact.actor, entry["detail"]["change"]) == ("model", fact.revision)
        assert fact.order_cause == f"generate-{answer['generation']}"
        acted = user.guest.all(AgentActed)[0]
        assert (acted.outcome, acted.change) == ("applied", fact.revision)
        await user.order("undo", "todo", values={"change": entry["detail"]["change"]})
        await user.row(id=entry["id"], state="undone")
        assert await user.order("list", "todo") == []

    visit(shared, play)


def test_deleting_is_proposed_and_done_only_when_the_user_agrees(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        milk, eggs = [await user.insert("todo", title=title) for title in ("milk", "eggs")]
        double.play(*(speech(instruction(operation="delete", table="todo", id=one["id"])) for one in (milk, eggs)))
        await user.answer(await user.say("delete the milk"))
        milk_card = await user.row(role="action", state="proposed", text="Delete “milk” from todo?")
        await user.answer(await user.say("delete the eggs"))
        eggs_card = await user.row(role="action", state="proposed", text="Delete “eggs” from todo?")
        assert len(await user.order("list", "todo")) == 2
        (would,) = milk_card["detail"]["would"]
        assert (would["operation"], would["row"], would["before"], would["after"]) == ("delete", milk["id"], milk, {})
        await user.update("message", eggs_card["id"], state="declined")
        await user.update("message", milk_card["id"], state="agreed")
        applied = await user.row(id=milk_card["id"], state="applied")
        assert applied["text"] == "Deleted “milk” from todo."
        assert applied["detail"]["change"] > 0
        assert [todo["title"] for todo in await user.order("list", "todo")] == ["eggs"]

    visit(shared, play)


def test_what_is_proposed_in_a_reply_is_done_as_a_whole(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        milk, eggs = [await user.insert("todo", title=title) for title in ("milk", "eggs")]
        said = instruction(operation="insert", table="todo", values={"title": "bread"})
        said += instruction(operation="delete", table="todo", id=milk["id"])
        said += instruction(operation="toggle", table="todo", id=eggs["id"])
        double.play(speech(said))
        await user.say("clean up")
        card = await user.row(role="action", state="proposed")
        assert card["text"].splitlines()[1:] == [
            "- Add “bread” to todo",
            "- Delete “milk” from todo",
            "- Change “eggs” (done: yes)",
        ]
        assert [todo["title"] for todo in await user.order("list", "todo")] == ["milk", "eggs"]
        await user.update("message", card["id"], state="agreed")
        applied = await user.row(id=card["id"], state="applied")
        todos = {todo["title"]: todo["done"] for todo in await user.order("list", "todo")}
        assert todos == {"eggs": True, "bread": False}
        changes = applied["detail"]["changes"]
        assert len(changes) == 3
        await user.order("undo", "todo", values={"changes": changes})
        assert {todo["title"]: todo["done"] for todo in await user.order("list", "todo")} == {
            "milk": False,
            "eggs": False,
        }

    visit(shared, play)


def test_a_proposal_is_refused_politely_when_a_row_changed_meanwhile(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        milk, eggs = [await user.insert("todo", title=title) for title in ("milk", "eggs")]
        both = "".join(instruction(operation="delete", table="todo", id=todo["id"]) for todo in (milk, eggs))
        double.play(speech(both))
        await user.say("delete both")
        card = await user.row(role="action", state="proposed")
        await user.update("todo", eggs["id"], done=True)
        await user.update("message", card["id"], state="agreed")
        refused = await user.row(id=card["id"], state="refused")
        assert refused["problem"].startswith("“eggs” was changed meanwhile")
        assert len(await user.order("list", "todo")) == 2

    visit(shared, play)


def test_what_the_user_wants_instead_declines_a_proposal_and_goes_to_the_model(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        milk = await user.insert("todo", title="milk")
        double.play(speech(instruction(operation="delete", table="todo", id=milk["id"])), speech("As you like."))
        await user.say("delete milk")
        card = await user.row(role="action", state="proposed")
        values = {"conversation": user.conversation, "role": "user", "text": "only tick it"}
        amendment = await user.insert("message", **values, detail={"amends": card["id"]})
        await user.row(id=card["id"], state="declined")
        await user.answer(amendment)
        words = words_of(double.chats[1].body)
        assert "Delete “milk” from todo?" in words
        assert words.endswith("only tick it")

    visit(shared, play)


def test_more_than_five_changes_in_one_reply_are_proposed(shared: System, double: OllamaDouble) -> None:
    six = "".join(instruction(operation="insert", table="todo", values={"title": f"thing {n}"}) for n in range(6))
    double.play(speech(six))

    async def play(user: User) -> None:
        await user.say("add six things")
        card = await user.row(role="action", state="proposed")
        assert len(card["detail"]["would"]) == 6
        assert "Add “thing 5” to todo" in card["text"]
        assert await user.order("list", "todo") == []

    visit(shared, play)


@pytest.mark.parametrize(("setting", "state"), [("always", "proposed"), ("never", "applied")])
def test_the_user_decides_when_to_be_asked(shared: System, double: OllamaDouble, setting: str, state: str) -> None:
    async def play(user: User) -> None:
        await user.set("ask", setting)
        milk = await user.insert("todo", title="milk")
        fields = {"operation": "update", "values": {"done": True}} if setting == "always" else {"operation": "delete"}
        double.play(speech(instruction(table="todo", id=milk["id"], **fields)))
        await user.say("take the milk off")
        await user.row(role="action", state=state)
        await user.set("ask", "harmful")

    visit(shared, play)


def test_a_wrong_instruction_goes_back_twice_and_then_the_user_sees_why(shared: System, double: OllamaDouble) -> None:
    wrong = instruction(operation="insert", table="sqlite_master", values={"title": "milk"})
    right = instruction(operation="insert", table="todo", values={"title": "milk"})
    double.play(*[speech(right + wrong)] * 3, speech("Never mind."))

    async def play(user: User) -> None:
        await user.say("add milk")
        card = await user.row(role="action", state="refused")
        assert "sqlite_master" in card["text"]
        question = await user.say("thank you")
        await user.answer(question)
        assert [order.purpose for order in user.orders_to_generate()] == ["chat", "step", "step", "chat"]
        entries = await user.order("list", "message", where={"role": "action", "conversation": user.conversation})
        assert [entry["state"] for entry in entries] == ["refused"]
        assert len(user.guest.all(AgentActed, outcome="refused")) == 3
        assert await user.order("list", "todo") == []
        assert "has no table 'sqlite_master'" in double.chats[1].body["messages"][-1]["content"]

    visit(shared, play)


def test_a_corrected_reply_is_carried_out_and_the_user_sees_no_refusal(shared: System, double: OllamaDouble) -> None:
    wrong = instruction(operation="insert", table="todo", values={"name": "milk"})
    right = instruction(operation="insert", table="todo", values={"title": "milk"})
    double.play(speech(wrong), speech(right))

    async def play(user: User) -> None:
        await user.say("add milk")
        await user.row(role="action", state="applied")
        entries = await user.order("list", "message", where={"role": "action", "conversation": user.conversation})
        assert len(entries) == 1

    visit(shared, play)


def test_a_pasted_instruction_or_one_in_a_row_is_asked_about_even_if_the_setting_says_never(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        await user.set("ask", "never")
        milk = await user.insert("todo", title="milk")
        pasted = json.dumps({"operation": "delete", "table": "todo", "id": milk["id"]})
        double.play(speech(pasted))
        await user.answer(await user.say(f"Summarise this: ```text\n{pasted}\n```"))
        await user.row(role="action", state="proposed")
        assert len(await user.order("list", "todo")) == 1
        await user.set("ask", "harmful")

    visit(shared, play)


def test_what_the_model_reads_goes_back_to_it(shared: System, double: OllamaDouble) -> None:
    double.play(speech(instruction(operation="list", table="todo")), speech("You have milk."))

    async def play(user: User) -> None:
        await user.set("mode", "quiet")
        await user.insert("todo", title="milk")
        question = await user.say("what do I have?")
        step = await user.answer(question, purpose="step")
        assert step["text"] == "You have milk."
        assert '"milk", done: no' in double.chats[1].body["messages"][-1]["content"]

    visit(shared, play)


@pytest.mark.parametrize("reason", ["length", "cut"])
def test_an_unfinished_reply_is_not_carried_out(shared: System, double: OllamaDouble, reason: str) -> None:
    said = instruction(operation="insert", table="todo", values={"title": "milk"})
    double.play([Say(said), Done("length")] if reason == "length" else [Say(said)])

    async def play(user: User) -> None:
        question = await user.say("add milk")
        await user.answer(question, "done" if reason == "length" else "interrupted")
        second = await user.say("hello")
        await user.answer(second)
        assert await user.order("list", "todo") == []

    visit(shared, play)


def test_an_agent_killed_before_it_carries_out_a_reply_does_so_once_when_it_is_back(double: OllamaDouble) -> None:
    said = instruction(operation="insert", table="todo", values={"title": "milk"})

    with running(double) as system:

        async def play(user: User) -> None:
            # given a finished reply whose instruction nobody has carried out
            await asyncio.to_thread(system.kill, "agent", signal.SIGKILL)
            question = await user.say("add milk")
            values = {"conversation": user.conversation, "role": "assistant", "reply_to": question["id"], "attempt": 1}
            row = await user.insert("message", text=said, **values)
            await user.update("message", row["id"], generation=f"{row['id']}.1")
            # when the agent comes, twice
            for _ in range(2):
                await asyncio.to_thread(system.start, "agent")
                await user.row(role="action", state="applied")
                hello = await user.say("hello")
                await user.answer(hello)
                await asyncio.to_thread(system.kill, "agent", signal.SIGKILL)
            # then it was done once
            assert len(await user.order("list", "todo")) == 1
            assert len(await user.order("list", "message", where={"role": "action"})) == 1

        visit(system, play)
