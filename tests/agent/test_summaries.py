"""The model's context: how full it is, and the summary of older messages when it is nearly full."""

from collections.abc import Iterator
from typing import Any

import pytest

from bus.messages import StoreChanged
from services.agent.limits import MANY_MESSAGES, MAX_MESSAGES
from services.agent.prompt.turns import turns_before
from services.agent.talk.summaries import is_long, last_to_sum_up
from services.agent.talk.titles import title_in
from tests.support.ollama_double import Model, OllamaDouble, speech, words_of
from tests.support.system import System, message_of
from tests.support.user import User, running, visit

SMALL = Model("small:1b", ("completion",), context=1_400)


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble(SMALL) as double, running(double) as system:
        yield double, system


def test_older_messages_are_summed_up_and_the_user_may_edit_the_summary(
    module_system: tuple[OllamaDouble, System],
) -> None:
    double, system = module_system

    def answer(body: dict[str, Any]) -> Any:
        summing = words_of(body).startswith("Sum up")
        return speech("They like tea." if summing else "word " * 60)

    double.respond = answer

    async def play(user: User) -> None:
        summary: dict[str, Any] = {}
        for number in range(5):
            await user.answer(await user.say(f"question {number} " + "about tea " * 30))
            if notes := await user.order("list", "message", where={"purpose": "note", "state": "done"}):
                summary = notes[0]
                break
        summary = summary or await user.row(purpose="note", state="done")
        assert summary["text"] == "They like tea."
        summing = next(chat for chat in double.chats if words_of(chat.body).startswith("Sum up"))
        assert words_of({"messages": summing.body["messages"][:2]}).startswith("question 0")
        await user.update("message", summary["id"], text="They like green tea.")
        await user.answer(await user.say("and now?"))
        told = next(chat for chat in reversed(double.chats) if "and now?" in chat.body["messages"][-1]["content"])
        talk = [message["content"] for message in told.body["messages"][1:]]
        assert talk[0].startswith("What we talked about before, in short:\nThey like green tea.")
        assert not any("question 0" in text for text in talk)

    visit(system, play)


def test_each_answer_says_how_full_the_context_is(module_system: tuple[OllamaDouble, System]) -> None:
    _, system = module_system

    async def play(user: User) -> None:
        row = await user.answer(await user.say("hello"))
        tokens = row["detail"]["tokens"]
        assert tokens["window"] == 1_400
        assert tokens["prompt"] == 26
        assert 100 < tokens["guess"] < 1_400

    visit(system, play)


def test_a_summary_replaces_what_it_sums_up_but_not_what_is_asked_again() -> None:
    def row(number: int, role: str, reply_to: int = 0, **more: Any) -> dict[str, Any]:
        usual = {"id": number, "role": role, "reply_to": reply_to, "text": f"{role} {number}", "state": "done"}
        return usual | {"purpose": "chat", "detail": None} | more

    summary = row(5, "assistant", purpose="note", detail={"upto": 1}, text="Short.")
    messages = [row(1, "user"), row(2, "assistant", 1), row(3, "user"), row(4, "assistant", 3), summary, row(6, "user")]
    new = row(7, "assistant", 6, state="streaming")
    said = [turn.text for turn in turns_before([*messages, new], new)]
    assert said == ["What we talked about before, in short:\nShort.", "user 3", "assistant 4", "user 6"]
    again = row(2, "assistant", 1, state="streaming")
    assert [turn.text for turn in turns_before([messages[0], again, *messages[2:]], again)] == ["user 1"]


def test_a_long_talk_is_summed_up_once_in_many_turns() -> None:
    messages: list[dict[str, Any]] = []
    turns, summaries = 300, 0

    def add(role: str, **more: Any) -> None:
        row = {"id": len(messages) + 1, "role": role, "purpose": "chat", "state": "done", "detail": None}
        messages.append(row | more)

    for _ in range(turns):
        add("user")
        add("assistant")
        known = messages[-MAX_MESSAGES:]
        if is_long(known):
            add("assistant", purpose="note", detail={"upto": last_to_sum_up(known)})
            summaries += 1

    assert 1 < summaries <= 2 * turns // (MANY_MESSAGES - 10)


# --- titles ---


def test_the_model_gives_a_conversation_its_title_once_and_never_over_the_users() -> None:
    def answer(body: dict[str, Any]) -> Any:
        return speech("“Why Cats Sleep.”" if is_wish(body) else "They sleep a lot.")

    def is_wish(body: dict[str, Any]) -> bool:
        return words_of(body).startswith("Give our talk")

    async def play(user: User) -> None:
        await user.set("mode", "ambient")
        own = (await user.insert("conversation", title="Mine", titled="user"))["id"]
        await user.answer(await user.say("Why does my dog sleep so much?", own))
        await user.answer(await user.say("Why does my cat sleep so much?"))
        titled = message_of(StoreChanged, table="conversation", verb="update", actor="model")
        row = (await user.guest.until(titled)).message.row
        assert (row["id"], row["title"], row["titled"]) == (user.conversation, "Why Cats Sleep", "model")
        wishes = [chat.body for chat in double.chats if is_wish(chat.body)]
        assert len(wishes) == 1  # none for the conversation whose title is the user's
        assert wishes[0]["options"]["num_predict"] <= 32
        asked = next(chat.body["messages"] for chat in double.chats if "my cat" in words_of(chat.body))
        assert wishes[0]["messages"][: len(asked)] == asked  # what a server keeps of the talk it does not read again

    with OllamaDouble(respond=answer) as double, running(double, PIANOLA_TITLE_SECONDS="1") as system:
        visit(system, play)


def test_a_title_is_one_short_line() -> None:
    assert title_in("**Felt and wood**\n") == "Felt and wood"
    assert title_in("# Title: Felt") == "Felt"
    for text in ("", "Here it is:\n\nFelt", "x" * 200, '```json\n{"operation": "insert"}\n```'):
        assert title_in(text) == ""
