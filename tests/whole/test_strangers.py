"""Strangers on the bus say anything: every process goes on, and the tabs still show what is true."""

import asyncio
import os
import time

from apps.registry import load_apps
from bus.bus import new_id
from bus.messages import ServiceAsked, ServiceChanged, StoreChanged, StoreOrder
from bus.wire import Header, encode
from tests.support.browser import EVERYTHING
from tests.support.http_client import Visitor
from tests.support.ollama_double import OllamaDouble
from tests.support.strangers import Known, Strangers
from tests.support.system import Guest, System
from tests.support.user import User

EACH = int(os.environ.get("PIANOLA_TEST_STRANGERS", "15"))
"""Messages of every kind."""
SEED = int(os.environ.get("PIANOLA_TEST_SEED", "1"))
TOGETHER = 20
"""Messages that are said before the store is asked again."""
USUAL = {"mode": "quiet", "app": "todo", "profile": 1, "model": "", "persona": "sober", "ask": "never", "paths": {}}
"""Settings that are set again after strangers have changed them, as everybody may."""


def test_whatever_strangers_say_every_process_goes_on_and_tabs_show_what_is_true():
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start(*EVERYTHING)
        visitor = Visitor(system)

        async def play(guest: Guest) -> None:
            user = User(guest, 0)
            async with visitor.tab() as tab:
                known = Known(await senders(system, guest), load_apps().tables)
                for number, frames in enumerate(Strangers(SEED, known).messages(EACH)):
                    guest.bus._pub.send_multipart(frames)
                    if number % TOGETHER == 0:
                        known.revision = await revision(guest)
                assert await senders(system, guest) == known.senders, "a process has restarted"
                for key, value in USUAL.items():
                    await user.set(key, value)
                conversation = (await user.insert("conversation", title="Talk"))["id"]
                for _ in range(3):  # a stranger may have stopped the answers 1.1 to 3.1 beforehand
                    await user.insert("message", conversation=conversation, role="action", text="nothing")

                lie = StoreChanged(
                    table="todo", verb="delete", id=1, row={}, before={"id": 1}, actor="user", revision=2**62
                )
                for sender in ("stranger-1", known.senders["store"]):
                    header = Header(f"lie-{sender}", "", sender, 1, time.time())
                    guest.bus._pub.send_multipart(encode(lie, "todo", header))

                await user.insert("todo", title="the last of all", profile=1)
                await tab.until(lambda frame: "the last of all" in frame)
                page = await asyncio.to_thread(visitor.page, f"/apps/todo?talk={conversation}")
                assert "the last of all" in page
                async with visitor.tab(page) as talk:
                    answer = await user.answer(await user.say("are you there", conversation))
                    await talk.until(lambda frame: f"message-{answer['id']}" in frame)

        system.visit(play)
        assert {name: process.poll() for name, process in system.processes.items()} == dict.fromkeys(EVERYTHING)


async def revision(guest: Guest) -> int:
    """Return the newest revision of the store."""
    order = StoreOrder(verb="list", table="setting", limit=1)
    return int((await guest.bus.ask(order, "setting", id=new_id())).message.revision)


async def senders(system: System, guest: Guest) -> dict[str, str]:
    """Return the sender of each process, as its next beat says."""
    before, found = len(guest.heard), {}
    guest.bus.say(ServiceAsked())
    for name, process in system.processes.items():
        heard = await guest.until(
            lambda heard, name=name, pid=process.pid: (
                isinstance(heard.message, ServiceChanged)
                and (heard.message.process, heard.message.pid) == (name, pid)
                and heard.header.sender == f"{name}-{heard.message.run}"
            ),
            after=before,
        )
        found[name] = heard.header.sender
    return found
