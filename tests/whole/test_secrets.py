"""The token, a session's secret and the page's own name are in no message, output, prompt or file but their own.

Only web listens on a TCP port.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.messages import LlmFinished
from bus.token import make_ticket, page_use
from tests.conftest import WholeSystem
from tests.support.browser import EVERYTHING
from tests.support.http_client import Visitor
from tests.support.ollama_double import OllamaDouble
from tests.support.prefork import Forked
from tests.support.system import Guest, System, message_of
from tests.web.test_gate import is_socket


@pytest.fixture
def whole_system() -> Iterator[WholeSystem]:
    """Processes that `python -m` runs, for a variable that is no setting: their commands and environments are read."""
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url, "RUN_BY": "python -m"}) as system:
        system.start(*EVERYTHING)
        yield WholeSystem(system, double)


def listening(process: int) -> list[str]:
    """Return the TCP addresses on which a process listens, as the kernel writes them."""
    own = {link.readlink().name for link in Path(f"/proc/{process}/fd").iterdir() if is_socket(link)}
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    return [fields[1] for fields in lines if fields[3] == "0A" and f"socket:[{fields[9]}]" in own]


def kept(system: System) -> dict[str, bytes]:
    """Return the contents of all files of a home except those of the token and the name."""
    own = (system.settings.token_file, system.settings.host_file)
    files = [file for file in system.home.rglob("*") if file.is_file() and file not in own]
    return {str(file.relative_to(system.home)): file.read_bytes() for file in files}


def test_what_opens_the_page_is_in_its_file_and_nowhere_else(whole_system: WholeSystem):
    system, visitor = whole_system.system, Visitor(whole_system.system)
    ticket = make_ticket(visitor.token, time.time(), page_use(system.port))

    async def work(guest: Guest) -> str:
        async with visitor.tab() as tab:
            for address in (f"/?token={visitor.token}", f"/?ticket={ticket}", f"/nothing?token={visitor.token}"):
                await asyncio.to_thread(visitor.ask, address, known=False)
            assert await tab.command("insert", table="todo", title="milk") == ""
            assert await tab.command("say", text="What is my token?") == ""
            await guest.until(message_of(LlmFinished))
            assert await tab.command("nothing of the kind") != ""
            return "".join(tab.frames)

    async def visit(guest: Guest) -> str:
        return await work(guest) + repr(guest.heard)

    seen = system.visit(visit)
    pids = {name: process.pid for name, process in system.processes.items()}
    addresses = {name: listening(pid) for name, pid in pids.items()}
    assert not any(isinstance(process, Forked) for process in system.processes.values())
    told = [Path(f"/proc/{pid}/{part}").read_bytes() for pid in pids.values() for part in ("cmdline", "environ")]
    system.stop()
    name = system.settings.host_file.read_text().strip()
    secrets = (visitor.token, ticket, visitor.cookie.partition("=")[2], name)

    assert "milk" in seen
    assert any(b"milk" in content for content in kept(system).values())
    assert [secret for secret in secrets if secret in seen + system.outputs() + repr(whole_system.ollama.chats)] == []
    assert [name for name, content in kept(system).items() if any(one.encode() in content for one in secrets)] == []
    assert not any(secret.encode() in text for secret in secrets for text in told)
    assert {name: found for name, found in addresses.items() if found} == {"web": [f"0100007F:{system.port:04X}"]}
