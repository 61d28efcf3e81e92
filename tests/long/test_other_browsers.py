"""The way of one click, in the browsers that Playwright has besides Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.conftest import WholeSystem
from tests.support.browser import WebBrowser
from tests.support.model_replies import adding
from tests.support.needs import needs
from tests.support.ollama_double import speech


@pytest.fixture(params=["firefox", "webkit"])
def other_browser(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[WebBrowser]:
    engine = getattr(playwright, request.param)
    there = Path(engine.executable_path).exists()
    needs(there, f"Playwright has no {request.param} here: python -m playwright install {request.param}", long=True)
    with WebBrowser(engine) as browser:
        yield browser


def test_what_is_said_and_done_is_shown_and_survives_a_reload(other_browser: WebBrowser, whole_system: WholeSystem):
    whole_system.ollama.play(speech(adding("milk")))
    with other_browser.visit(whole_system.system) as tab:
        tab.page.get_by_role("radio", name="Quiet").check()
        tab.add("Tune the piano")
        expect(tab.todo("Tune the piano")).to_be_visible()
        tab.say("add milk")
        tab.answered()
        expect(tab.todo("milk")).to_be_visible()
        tab.todo("Tune the piano").get_by_role("checkbox").check()
        tab.reload()
        expect(tab.todo("milk")).to_be_visible()
        expect(tab.todo("Tune the piano").get_by_role("checkbox")).to_be_checked()
        expect(tab.messages("assistant")).to_have_count(1)
