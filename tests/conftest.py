"""Fixtures: a browser for the session; the whole band with Ollama's double, for a test or for a module.

A module that wants another Ollama, system or tab has a fixture of the same name.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.support.assistant_page import TEXT_MODEL, TOOLS_MODEL, empty
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.ollama_double import OllamaDouble
from tests.support.system import System


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


@dataclass
class Band:
    """All processes, and what plays Ollama."""

    system: System
    ollama: OllamaDouble


@pytest.fixture
def band() -> Iterator[Band]:
    """The whole band for one test: what the test does to it harms no other."""
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start(*EVERYTHING)
        yield Band(system, double)


# --- for all tests of a module ---


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble(TEXT_MODEL, TOOLS_MODEL) as double:
        yield double


@pytest.fixture(scope="module")
def stage(ollama: OllamaDouble, chromium: Chromium) -> Iterator[System]:
    """The whole band, in quiet mode."""
    with System({"OLLAMA_HOST": ollama.url}) as system:
        system.start(*EVERYTHING)
        with chromium.visit(system) as tab:
            tab.page.get_by_role("radio", name="Quiet").check()
        yield system


@pytest.fixture
def tab(stage: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with an empty list and a new conversation."""
    empty(stage)
    with chromium.visit(stage) as tab:
        expect(tab.page.locator("#chat-log article")).to_have_count(0)
        yield tab


@pytest.fixture
def shared(lasting: tuple[OllamaDouble, System]) -> System:
    """The system of a module's fixture `lasting`, for tests that kill nothing."""
    return lasting[1]


@pytest.fixture
def double(lasting: tuple[OllamaDouble, System]) -> OllamaDouble:
    """Its Ollama, that has heard nothing yet."""
    lasting[0].chats.clear()
    return lasting[0]
