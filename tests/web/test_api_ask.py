"""`POST /ask`: the assistant is asked over HTTP, and what it says and does streams back."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from apps.clients.turn import Turn, is_open
from bus.messages import LlmListed, ServiceAsked, StoreOrder
from tests.support.assistant_page import quieten
from tests.support.model_replies import adding
from tests.support.ollama_double import Model, OllamaDouble, Wait, speech
from tests.support.program import Program
from tests.support.system import PATIENCE_SECONDS, Guest, System
from tests.support.user import running
from web.api.ask import MOST_ASKING

SMALL, LARGE = Model("small:1b"), Model("large:8b", modified_at="2026-11-01T10:00:00Z")
AWAY = Model("away:cloud")
"""A model on another machine."""


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble(SMALL, LARGE, AWAY) as double:
        yield double


@pytest.fixture(scope="module")
def system(ollama: OllamaDouble) -> Iterator[System]:
    with running(ollama) as made:
        made.start("web")
        quieten(made)  # a remark would take the words that a test gives the model
        yield made


def stream(program: Program, body: Any) -> list[tuple[str, Any]]:
    """Ask; return the events."""
    connection = http.client.HTTPConnection("127.0.0.1", program.visitor.port, timeout=PATIENCE_SECONDS)
    connection.request("POST", "/ask", json.dumps(body), {"Authorization": f"Bearer {program.key}"})
    text = connection.getresponse().read().decode()
    connection.close()
    blocks = [block.split("\n") for block in text.split("\n\n") if block and not block.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def test_an_answer_streams_with_what_was_done(program: Program, ollama: OllamaDouble):
    ollama.play(speech(f"Milk it is. {adding('milk')}"))

    events = stream(program, {"text": "add milk"})

    names = [name for name, _ in events]
    assert (names[0], names[-1]) == ("asked", "done")
    assert names.index("token") < names.index("answer") < names.index("action")
    assert "".join(data["text"] for name, data in events if name == "token").startswith("Milk it is.")
    done = events[-1][1]
    assert (done["state"], done["waits_for_consent"]) == ("done", False)
    assert [(one["outcome"], one["text"]) for one in done["actions"]] == [("done", "Added “milk” to todo.")]
    assert program.ask("/rows/todo?title=milk")[1]["total"] == 1


def test_a_further_question_stands_in_the_same_conversation_and_comes_whole(program: Program, ollama: OllamaDouble):
    ollama.play(speech("One."), speech("Two."))

    first = program.ask("/ask", {"text": "first?"}, Accept="application/json")[1]
    second = program.ask("/ask", {"text": "second?", "conversation": first["conversation"]}, Accept="application/json")

    assert (first["text"], second[0], second[1]["text"]) == ("One.", 200, "Two.")
    assert second[1]["conversation"] == first["conversation"]
    rows = program.ask(f"/rows/message?conversation={first['conversation']}&sort=id")[1]["rows"]
    assert [row["text"] for row in rows] == ["first?", "One.", "second?", "Two."]


def test_a_question_does_not_change_which_conversation_the_page_shows(system: System, program: Program):
    async def opened(guest: Guest) -> list[Any]:
        order = StoreOrder(verb="list", table="setting", where={"id": "conversation"})
        return (await guest.bus.ask(order)).message.rows

    before = system.visit(opened)
    program.ask("/ask", {"text": "hello"}, Accept="application/json")
    assert system.visit(opened) == before


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "text"),
        ({"text": "  "}, 400, "text"),
        ({"text": "x" * 200_001}, 422, "text"),
        ({"text": "x", "conversation": 10**6}, 404, None),
        ({"text": "x", "conversation": "1"}, 400, "conversation"),
        ({"text": "x", "app": "nothing"}, 400, "app"),
        ({"text": "x", "model": "m"}, 400, "model"),
        ({"text": "x", "model": 1}, 400, "model"),
        ({"text": "x", "model": ["small:1b"]}, 400, "model"),
        ({"text": "x", "persona": "p"}, 400, "persona"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_question_is_refused_with_a_sentence(program: Program, body: Any, status: int, field: str | None):
    answered, told = program.ask("/ask", body)

    assert (answered, told["error"].get("field")) == (status, field), told


def test_what_a_program_does_is_told_to_the_assistant_as_the_programs(program: Program, ollama: OllamaDouble):
    ollama.chats.clear()
    program.insert("eggs")
    ollama.play(speech("I see."))
    program.ask("/ask", {"text": "what happened?"}, Accept="application/json")

    told = json.dumps([chat.body for chat in ollama.chats], ensure_ascii=False)
    assert f"The program “{program.name}” added a todo: “eggs”" in told
    assert "The user added a todo: “eggs”" not in told


def asked_models(ollama: OllamaDouble) -> list[str]:
    return [chat.body["model"] for chat in ollama.chats]


def choose(system: System, model: str) -> None:
    """Choose a model as the user does in the page, and wait until the web process knows it."""

    async def play(guest: Guest) -> None:
        order = StoreOrder(verb="update", table="setting", id="model", values={"value": model})
        assert (await guest.bus.ask(order, "setting")).message.ok
        guest.bus.say(ServiceAsked())
        await guest.until(lambda heard: isinstance(heard.message, LlmListed))

    system.visit(play)


def test_a_question_names_the_model_that_answers_it_and_the_app_for_itself_alone(
    system: System, program: Program, ollama: OllamaDouble
):
    async def settings(guest: Guest) -> list[Any]:
        order = StoreOrder(verb="list", table="setting", where={"id": ["app", "model"]})
        return (await guest.bus.ask(order)).message.rows

    before = system.visit(settings)
    ollama.chats.clear()
    told = program.ask("/ask", {"text": "hello", "model": "Large:8B", "app": "profiles"}, Accept="application/json")[1]
    assert (told["state"], asked_models(ollama)) == ("done", ["large:8b"])
    (question,) = program.ask(f"/rows/message?conversation={told['conversation']}&role=user")[1]["rows"]
    assert question["detail"]["wants"] == {"app": "profiles", "model": "large:8b"}

    program.ask("/ask", {"text": "hello again"}, Accept="application/json")
    assert asked_models(ollama)[-1] == "small:1b"
    assert system.visit(settings) == before


def test_a_key_cannot_send_what_is_told_to_another_machine_unless_the_user_chose_that(
    system: System, program: Program, ollama: OllamaDouble
):
    ollama.chats.clear()
    status, told = program.ask("/ask", {"text": "hello", "model": "away:cloud"})
    assert (status, "Choose it in the page" in told["error"]["message"]) == (403, True)
    assert program.ask("/rows/message?search=hello&model=away:cloud")[1]["total"] == 0
    assert ollama.chats == []

    script = {"Authorization": f"Bearer {program.visitor.token}", "Accept": "application/json"}
    body = json.dumps({"text": "the user asks", "model": "away:cloud"}).encode()
    assert program.visitor.ask("/ask", method="POST", headers=script, known=False, body=body)[0] == 200
    assert asked_models(ollama) == ["away:cloud"]

    choose(system, "away:cloud")
    try:
        wanted = {"text": "hello", "model": "away:cloud"}
        told = program.ask("/ask", wanted, Accept="application/json")[1]
    finally:
        choose(system, "")
    (answer,) = program.ask(f"/rows/message?conversation={told['conversation']}&role=assistant")[1]["rows"]
    assert (told["state"], answer["model"]) == ("done", "away:cloud")


def reading(program: Program, text: str) -> http.client.HTTPResponse:
    """Ask, and leave the answer to be read."""
    connection = http.client.HTTPConnection("127.0.0.1", program.visitor.port, timeout=PATIENCE_SECONDS)
    connection.request("POST", "/ask", json.dumps({"text": text}), program.authorization)
    return connection.getresponse()


def test_so_many_questions_are_answered_at_once_and_no_more(program: Program, ollama: OllamaDouble):
    go_on = threading.Event()
    ollama.play(*([Wait(go_on), *speech("Now.")] for _ in range(MOST_ASKING)))
    answers = [reading(program, f"question {number}") for number in range(MOST_ASKING)]
    try:
        assert {answer.status for answer in answers} == {200}
        status, told = program.ask("/ask", {"text": "one more"})
        assert (status, told["error"]["code"]) == (503, "too_many")
    finally:
        go_on.set()
    assert all(b"event: done" in answer.read() for answer in answers)
    assert program.ask("/ask", {"text": "one more"}, Accept="application/json")[0] == 200


def test_an_answer_whose_reader_has_left_goes_on_and_is_kept(program: Program, ollama: OllamaDouble):
    go_on = threading.Event()
    ollama.play([*speech("Before. ")[:1], Wait(go_on), *speech("After.")])
    answer = reading(program, "and if I leave?")
    lines = iter(answer.readline, b"")
    asked = json.loads(next(line for line in lines if line.startswith(b"data:")).removeprefix(b"data: "))
    answer.close()
    go_on.set()

    address = f"/rows/message?conversation={asked['conversation']}&role=assistant&state=done"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := program.ask(address)[1]["rows"]):
        assert time.monotonic() < deadline, "the answer was not kept"
    assert found[0]["text"].endswith("After.")


# --- following ---


def message(key: int, **fields: Any) -> dict[str, Any]:
    row = {"id": key, "role": "assistant", "reply_to": 1, "attempt": 1, "state": "done", "text": "", "problem": ""}
    return {**row, "model": "m", "detail": None, **fields}


def test_a_turn_ends_when_what_the_answer_orders_is_done():
    turn = Turn(1)
    assert turn.take_row(message(2, state="streaming")) == []
    assert (turn.begun, turn.ended) == (True, False)
    turn.take_row(message(2, detail={"spans": [[0, 3]]}))
    assert not turn.ended  # its instruction is not carried out yet
    assert turn.take_row(message(3, role="action", reply_to=2, state="proposed", text="Delete all?"))[0][0] == "action"
    turn.take_row(message(2, detail={"spans": [[0, 3]], "played": True}))

    assert turn.ended
    assert turn.result()["waits_for_consent"] is True


def test_rows_of_other_questions_are_not_told():
    turn = Turn(1)

    assert turn.take_row(message(5, reply_to=4)) == []
    assert turn.take_row(message(6, role="action", reply_to=5)) == []
    assert not turn.begun


@pytest.mark.parametrize("state", ["stopped", "failed", "interrupted"])
def test_an_answer_that_broke_off_is_over(state: str):
    assert not is_open(message(2, state=state, detail={"spans": [[0, 1]]}, problem="x"))
