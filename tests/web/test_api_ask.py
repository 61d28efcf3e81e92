"""`POST /ask`: the assistant is asked over HTTP, and what it says and does streams back."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from apps.clients.turn import Turn, is_open
from bus.messages import StoreOrder
from tests.support.model_replies import adding
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import PATIENCE_SECONDS, Guest, System
from tests.support.user import running
from tests.web.test_api import Program


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture(scope="module")
def system(ollama: OllamaDouble) -> Iterator[System]:
    with running(ollama) as made:
        made.start("web")
        yield made


@pytest.fixture
def program(system: System) -> Iterator[Program]:
    with Program(system) as made:
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
