"""`pianola chat` in a terminal: it streams, asks for consent, undoes, stops, and leaves."""

import signal
import threading

import pytest

from bus.messages import StoreOrder
from tests.support.command import PIANOLA, pianola
from tests.support.model_replies import instruction
from tests.support.ollama_double import Done, OllamaDouble, Say, Wait, speech
from tests.support.pseudo_terminal import CTRL_C, CTRL_D, PseudoTerminal
from tests.support.system import System

PROMPT = "> "


@pytest.fixture(scope="module")
def double():
    with OllamaDouble() as double:
        yield double


@pytest.fixture(scope="module")
def system(double):
    with System({"OLLAMA_HOST": double.url, "PIANOLA_TITLE_SECONDS": "0"}) as system:
        system.start("broker", "store", "llm_worker", "agent")
        system.visit(be_quiet)
        yield system


async def be_quiet(guest):
    """Have no remarks made: they would take the scripts of the double."""
    order = StoreOrder(verb="update", table="setting", id="mode", values={"value": "quiet"})
    assert (await guest.bus.ask(order, "setting")).message.ok


@pytest.fixture
def chat(system):
    with PseudoTerminal([*PIANOLA, "chat", "--conversation", "new"], system.environment) as chat:
        chat.until(PROMPT)
        yield chat


def adding(title):
    return speech(f"I add {title}. " + instruction(operation="insert", table="todo", values={"title": title}))


def titles(system):
    return pianola(system, "rows", "todo", "--csv", "--fields", "title").stdout.splitlines()[1:]


def test_an_answer_is_shown_while_it_comes(chat, double):
    go_on = threading.Event()
    double.play([Say("One, "), Wait(go_on), Say("two."), Done()])

    chat.type("count\n")
    chat.until("One,")
    assert "two" not in chat.shown
    go_on.set()

    assert chat.until(PROMPT).endswith("two.\n> ")


def test_what_is_proposed_is_done_after_a_yes_and_undone_by_a_word(chat, double, system):
    double.play(adding("milk"))
    chat.type("add milk\n")
    chat.until("Added “milk” to todo.\n> ")
    (key,) = (line for line in pianola(system, "rows", "todo", "--csv", "--fields", "id").stdout.splitlines()[1:])
    delete = speech("I delete it. " + instruction(operation="delete", table="todo", id=int(key)))

    double.play(delete)
    chat.type("delete milk\n")
    chat.until("Proposed: Delete “milk” from todo?\nDo it? [y/n] ")
    chat.type("n\n")
    chat.until("Not done.\n> ")
    assert titles(system) == ["milk"]

    double.play(delete)
    chat.type("delete milk\n")
    chat.until("Do it? [y/n] ")
    chat.type("y\n")
    chat.until("Deleted “milk” from todo.\n> ")
    assert titles(system) == []

    chat.type("/undo\n")
    chat.until("Undone: 1 change.\n> ")
    assert titles(system) == ["milk"]
    chat.type("/undo\n")
    chat.until("Undone: 1 change.\n> ")
    assert titles(system) == []
    chat.type("/undo\n")
    chat.until("Nothing was changed in this talk.")


def test_ctrl_c_stops_the_answer_and_the_talk_goes_on(chat, double):
    double.play([Say("It begins "), Wait(threading.Event())], speech("Again."))

    chat.type("a long story\n")
    chat.until("It begins")
    chat.type(CTRL_C)
    chat.until("Stopping; Ctrl-C again leaves.")
    chat.until("The answer was stopped before it was complete.\n> ")

    chat.type("once more\n")
    chat.until("Again.\n> ")


def test_a_second_ctrl_c_leaves_in_the_middle_of_an_answer(chat, double, system):
    system.signal("llm_worker", signal.SIGSTOP)  # it can stop nothing
    try:
        chat.type("an endless story\n")
        while "an endless story" not in pianola(system, "rows", "message", "--csv").stdout:
            pass
        chat.type(CTRL_C)
        chat.until("Stopping; Ctrl-C again leaves.")
        chat.type(CTRL_C)
        chat.until("The answer goes on in the page.")
    finally:
        system.signal("llm_worker", signal.SIGCONT)

    assert chat.end() == 0


@pytest.mark.parametrize("keys", [CTRL_D, CTRL_C + CTRL_C], ids=["Ctrl-D", "Ctrl-C twice"])
def test_it_is_left_at_the_prompt(chat, keys):
    chat.reads()
    chat.type(keys[0])
    if keys[1:]:
        chat.until("Ctrl-C again leaves, as Ctrl-D does.\n> ")
        chat.reads()
        chat.type(keys[1])

    assert chat.end() == 0


def test_app_and_model_are_chosen_for_the_next_questions_alone(chat, double):
    chat.type("/app SIMULATOR\n")
    chat.until("The next questions are about simulator.\n> ")
    chat.type("/app nothing\n")
    chat.until("there is no app 'nothing'. There is: ")
    chat.until(PROMPT)
    chat.type("/model nothing\n")
    chat.until("there is no model 'nothing'. There is: ")
    chat.until(PROMPT)
    double.play(speech("Yes."))

    chat.type("hello\n")
    chat.until("Yes.\n> ")

    assert "simulator" in str(double.chats[-1].body["messages"][0]["content"])


def test_what_cannot_be_typed_is_said_and_help_lists_what_can(chat):
    chat.type("/nothing\n")
    chat.until("there is no '/nothing'. /help lists what can be typed.")
    chat.until(PROMPT)

    chat.type("/help\n")

    said = chat.until("leaves.")
    assert all(name in said for name in ("/app", "/model", "/new", "/stop", "/undo"))


def test_a_talk_can_be_piped_in_and_proposals_then_wait_in_the_page(system, double):
    double.play(speech("One."), speech("Two."))

    said = pianola(system, "chat", "--conversation", "new", given="first\nsecond\n")

    assert (said.returncode, said.stdout, said.stderr) == (0, "One.\nTwo.\n", "")
