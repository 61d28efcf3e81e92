"""Fixtures for the tests of HTTP: the store and the web process, a visitor, a program with a key.

A module that wants other processes has a fixture `system` of its own.
"""

from collections.abc import Iterator

import pytest

from tests.support.http_client import Visitor
from tests.support.program import Program
from tests.support.system import System


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """The processes that HTTP needs, for all tests of a module."""
    with System() as made:
        made.start("broker", "store", "web")
        yield made


@pytest.fixture
def visitor(system: System) -> Visitor:
    """A client that is signed in."""
    return Visitor(system)


@pytest.fixture
def program(system: System) -> Iterator[Program]:
    """A program with a key that opens all doors."""
    with Program(system) as made:
        yield made
