"""Fixtures of the agent's tests. A module defines `module_system`: its double of Ollama, and its processes."""

import pytest

from tests.support.ollama_double import OllamaDouble
from tests.support.system import System


@pytest.fixture
def shared(module_system: tuple[OllamaDouble, System]) -> System:
    """The processes of `module_system`, for tests that kill nothing."""
    return module_system[1]


@pytest.fixture
def double(module_system: tuple[OllamaDouble, System]) -> OllamaDouble:
    """Its Ollama, that has heard nothing yet and has no script."""
    module_system[0].chats.clear()
    module_system[0].forget()
    return module_system[0]
