"""Fixtures that every test may take; tests/README.md says which one to take for what.

A module that wants another Ollama, system or tab has a fixture of the same name.
"""

import gc
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.support import tiers
from tests.support.assistant_page import TEXT_MODEL, TOOLS_MODEL, empty, quieten
from tests.support.browser import EVERYTHING, Chromium, Tab
from tests.support.ollama_double import OllamaDouble
from tests.support.system import System

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell that runs pytest in the background has it ignore Ctrl-C, and all its processes inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they use (see tests/support/tiers.py), and begin with the longest files."""
    for item in items:
        if isinstance(item, pytest.Function):
            for name in tiers.markers_of(item):
                item.add_marker(name)
    items[:] = tiers.longest_files_first(items)


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what was imported and collected: all of it stays until the end."""
    gc.collect()
    gc.freeze()


# --- a browser ---


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Chromium]:
    """The browser of all tests; each visit is a new profile."""
    with Chromium(playwright) as browser:
        yield browser


# --- for one test ---


@dataclass
class WholeSystem:
    """All processes, and the double that stands in for Ollama."""

    system: System
    ollama: OllamaDouble


@pytest.fixture
def whole_system() -> Iterator[WholeSystem]:
    """The whole system for one test: what the test does to it harms no other."""
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start(*EVERYTHING)
        yield WholeSystem(system, double)


# --- for all tests of a module ---


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble(TEXT_MODEL, TOOLS_MODEL) as double:
        yield double


@pytest.fixture(scope="module")
def shared_system(ollama: OllamaDouble) -> Iterator[System]:
    """The whole system, in quiet mode."""
    with System({"OLLAMA_HOST": ollama.url}) as system:
        system.start(*EVERYTHING)
        quieten(system)
        yield system


@pytest.fixture
def tab(shared_system: System, chromium: Chromium) -> Iterator[Tab]:
    """A tab with an empty list and a new conversation."""
    empty(shared_system)
    with chromium.visit(shared_system) as tab:
        expect(tab.page.locator("#chat-log article")).to_have_count(0)
        yield tab
