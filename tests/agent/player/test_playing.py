"""A player of our own in the whole agent: it is told its own prompt, and what it was not taught is not asked of it."""

from collections.abc import Iterator

import pytest

from llm_worker.player_cards import read_cards
from services.agent.limits import MIN_SUMMARISED_QUESTIONS, UNSUMMARISED_QUESTIONS
from tests.support.model_replies import adding, instruction
from tests.support.ollama_double import Model, OllamaDouble, speech
from tests.support.system import System
from tests.support.user import User, running, visit

CARD = read_cards()[0][0]
PLAYER = Model(f"{CARD.name}:latest", ("completion",), context=1_400)
GENERAL = Model("general:4b", ("completion",), size=2_000_000_000)


@pytest.fixture(scope="module")
def module_system() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble(PLAYER, GENERAL) as double, running(double, PIANOLA_MODEL=PLAYER.name) as system:
        yield double, system


def told(double: OllamaDouble) -> list[tuple[str, str]]:
    """Return what the model was told last."""
    return [(one["role"], one["content"]) for one in double.chats[-1].body["messages"]]


def test_it_is_told_the_short_prompt_and_what_it_writes_is_done(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        milk = await user.insert("todo", title="milk")
        double.play(speech(f"Adding “eggs”.\n{adding('eggs')}"))
        row = await user.answer(await user.say("add eggs"))
        await user.row(role="action", conversation=user.conversation, state="applied")
        system, question = told(double)
        assert system[1].splitlines()[1:3] == [
            "App: todo. One row is a todo.",
            "Table todo: title (text, required), done (yes/no), due (text), repeat (text), tags (text), note (text), "
            "part of (text). Can be sorted.",
        ]
        assert question[1].startswith(f'Rows of todo:\n{milk["id"]}: "milk", done: no\n')
        assert question[1].endswith("\n\nThe user says: add eggs")
        assert row["detail"]["form"] == CARD.form

        double.play(speech("“milk”, “eggs”."))
        await user.answer(await user.say("what is left?"))
        _, *earlier, question = told(double)
        assert earlier == [("user", "add eggs"), ("assistant", row["text"])]
        assert '"eggs", done: no' in question[1]

    visit(shared, play)


def test_a_change_that_the_words_do_not_support_is_asked_and_not_looked_at_again(
    shared: System, double: OllamaDouble
) -> None:
    async def play(user: User) -> None:
        milk = await user.insert("todo", title="milk")
        done = instruction(operation="update", table="todo", id=milk["id"], values={"done": True})
        double.play(speech(f"“milk” is done.\n{done}"))
        await user.say("did I buy the milk?")
        await user.row(role="action", conversation=user.conversation, state="proposed")
        assert len(double.chats) == 1

    visit(shared, play)


def test_a_wrong_instruction_is_refused_and_not_written_again(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        double.play(speech(f"Done.\n{instruction(operation='delete', table='todo', id=9_999)}"))
        await user.say("delete the milk")
        card = await user.row(role="action", conversation=user.conversation, state="refused")
        assert "9999" in card["text"]
        assert len(double.chats) == 1

    visit(shared, play)


def test_a_search_asks_the_question_again_over_the_rows_that_were_found(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        await user.insert("todo", title="buy a fern")
        await user.insert("todo", title="milk")
        search = instruction(operation="search", table="todo", text="fern")
        double.play(speech(f"I look.\n{search}"), speech("Yes, “buy a fern”."))
        step = await user.answer(await user.say("is there a fern?"), purpose="step")
        assert step["text"] == "Yes, “buy a fern”."
        assert [role for role, _ in told(double)] == ["system", "user"]
        assert '"buy a fern", done: no\n\nThe user says: is there a fern?' in told(double)[-1][1]
        assert "milk" not in told(double)[-1][1]

    visit(shared, play)


def test_a_remark_is_asked_for_in_its_own_words(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        double.play(speech("Noted."))
        await user.set("mode", "chatty")
        await user.insert("todo", title="tea")
        await user.row(purpose="comment", state="done", text="Noted.")
        assert told(double)[-1][1].endswith(
            "Just happened: the user added “tea”. Remark in at most 20 words, or - for nothing."
        )

    visit(shared, play)


def test_it_sums_up_no_talk(shared: System, double: OllamaDouble) -> None:
    double.respond = lambda _: speech("word " * 60)
    questions = MIN_SUMMARISED_QUESTIONS + UNSUMMARISED_QUESTIONS + 2

    async def play(user: User) -> None:
        for number in range(questions):
            row = await user.answer(await user.say(f"question {number} " + "about tea " * 60))
        tokens = row["detail"]["tokens"]
        assert tokens["guess"] > 0.6 * tokens["window"]  # it is due
        assert len(double.chats) == questions

    visit(shared, play)


def test_with_a_general_model_the_same_talk_is_told_in_full(shared: System, double: OllamaDouble) -> None:
    async def play(user: User) -> None:
        double.play(speech("Hello."), speech("Because."))
        await user.answer(await user.say("hello"))
        await user.set("model", GENERAL.name)
        row = await user.answer(await user.say("why is the sky blue?"))
        await user.set("model", "")
        messages = told(double)
        assert "# Instructions" in messages[0][1]
        assert messages[1:3] == [("user", "# The user says\nhello"), ("assistant", "Hello.")] or (
            messages[1][1].endswith("hello")
        )
        assert "form" not in row["detail"]

    visit(shared, play)
