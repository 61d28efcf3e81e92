"""A question about the world: the player's answer says who knows more, and one click asks that model."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from llm_worker.player_cards import read_cards
from tests.conftest import EVERYTHING
from tests.support.axe import violations
from tests.support.browser import Chromium, Tab
from tests.support.ollama_double import Model, OllamaDouble, speech
from tests.support.system import System

CARD = read_cards()[0][0]
GENERAL = Model("general:4b", ("completion",), size=2_000_000_000)


@pytest.fixture(scope="module")
def double() -> Iterator[OllamaDouble]:
    with OllamaDouble(Model(f"{CARD.name}:latest", ("completion",)), GENERAL) as started:
        yield started


@pytest.fixture(scope="module")
def system(double: OllamaDouble) -> Iterator[System]:
    with System({"OLLAMA_HOST": double.url, "PIANOLA_MODEL": f"{CARD.name}:latest"}) as made:
        made.start(*EVERYTHING)
        yield made


@pytest.fixture
def tab(system: System, chromium: Chromium) -> Iterator[Tab]:
    with chromium.visit(system, bypass_csp=True, reduced_motion="reduce") as tab:
        tab.page.get_by_role("radio", name="Quiet").check()
        yield tab


def test_one_click_asks_the_general_model_and_one_more_does_so_always(tab: Tab, double: OllamaDouble) -> None:
    page = tab.page
    double.play(speech("I only know your lists."), speech("Because of the air."))
    tab.say("why is the sky blue?")

    answer = page.locator("#chat-log article[data-role=assistant]").last
    expect(answer.locator(".who")).to_have_text(CARD.title)
    expect(answer).to_contain_text(f"{CARD.title} was taught your lists. It knows little of the world.")
    assert violations(tab) == []
    answer.get_by_role("button", name="Ask general:4b").click()

    expect(answer.locator(".text")).to_have_text("Because of the air.")
    expect(answer.locator(".who")).to_have_text("general:4b")
    expect(answer.get_by_role("button", name="Ask general:4b")).to_have_count(0)

    double.play(speech("I only know your lists."), speech("Salt from stones."), speech("From the rain."))
    tab.say("why is the sea salty?")
    expect(answer.locator(".text")).to_have_text("I only know your lists.")
    answer.get_by_role("button", name="Always do that").click()
    expect(answer.locator(".text")).to_have_text("Salt from stones.")

    tab.say("where do rivers come from?")
    expect(answer.locator(".text")).to_have_text("From the rain.")
    assert [chat.body["model"] for chat in double.chats][-1] == GENERAL.name
