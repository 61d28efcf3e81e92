"""Commands of the terminal, played to a broker and a store. No page runs."""

import pytest

from bus.messages import StoreOrder
from tests.support.command import pianola
from tests.support.system import System


class Terminal:
    """Plays commands, and looks at what the store has then."""

    def __init__(self, system):
        self.system = system

    def play(self, *words, **more):
        """Run a command to its end."""
        return pianola(self.system, *words, **more)

    def done(self, *words):
        """Run a command that must succeed; return what it prints."""
        said = self.play(*words)
        assert said.returncode == 0, said.stderr
        return said.stdout

    def refused(self, *words):
        """Run a command that must be refused; return the sentence."""
        said = self.play(*words)
        assert (said.returncode, said.stdout) == (3, ""), said
        return said.stderr

    def ask(self, verb, table, **more):
        """Return the answer of the store to an order."""

        async def look(guest):
            return (await guest.bus.ask(StoreOrder(verb=verb, table=table, **more), table)).message

        return self.system.visit(look)

    def rows(self, table="todo", **where):
        """Return the rows that match, in the order of their ids."""
        return self.ask("list", table, where=where, sort="id").rows


@pytest.fixture(scope="module")
def shared_terminal():
    with System() as system:
        system.start("broker", "store")
        yield Terminal(system)


@pytest.fixture
def terminal(shared_terminal):
    """A terminal, and no todos of earlier tests."""
    deleted = shared_terminal.ask("delete", "todo", where={"id": {"from": 1}})
    assert deleted.ok, deleted.error
    return shared_terminal
