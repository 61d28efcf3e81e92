"""Programs that come by the Model Context Protocol, to real processes."""

from importlib.util import find_spec

import pytest

from tests.support.mcp_program import Program
from tests.support.needs import needs
from tests.support.system import System


@pytest.fixture(scope="package", autouse=True)
def sdk():
    needs(find_spec("mcp"), "the SDK of MCP is not installed: make mcp")


@pytest.fixture(scope="module")
def system():
    with System() as made:
        made.start("broker", "store", "agent")
        yield made


@pytest.fixture
def program(system):
    """A program, and no todos of earlier tests."""
    made = Program(system)
    made.ask("delete", "todo", where={"id": {"from": 1}})
    return made
