"""Fixtures: a browser for the session; the whole band with Ollama's double, for a test or for a module."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.browser import EVERYTHING, Chromium
from tests.harness import System
from tests.ollama_double import OllamaDouble


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
