"""A real model plays: `PIANOLA_TEST_MODEL_SERVER=http://127.0.0.1:11434 make test-long`."""

import os

import pytest

from bus.messages import StoreChanged
from tests.support.needs import needs
from tests.support.system import System
from tests.support.user import User, visit

SERVER = os.environ.get("PIANOLA_TEST_MODEL_SERVER", "")
SECONDS = 300.0


@pytest.mark.timeout(600)
def test_a_real_model_adds_a_row_when_it_is_asked_to():
    needs(SERVER, "PIANOLA_TEST_MODEL_SERVER names no Ollama, for example http://127.0.0.1:11434", long=True)
    with System({"OLLAMA_HOST": SERVER}) as system:
        system.start("broker", "store", "llm_worker", "agent")

        async def play(user: User) -> None:
            await user.say("add milk")
            fact = await user.guest.until(
                lambda heard: (
                    isinstance(heard.message, StoreChanged)
                    and (heard.message.table, heard.message.verb) == ("todo", "insert")
                ),
                seconds=SECONDS,
            )
            assert "milk" in fact.message.row["title"].lower()

        visit(system, play)
