"""kill -9 of the store at every point of a write, of the store many times, and of all processes at once."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from bus.messages import LlmToken, StoreChanged, StoreOrder
from bus.wire import Envelope
from store.file.database import open_database
from tests.support import crashing_store
from tests.support.browser import WITH_JOBS
from tests.support.crashing_store import COMMITTED, TOLD
from tests.support.http_client import Visitor
from tests.support.model_replies import unfinished
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import MODULES, Guest, System
from tests.support.user import Row, User, visit


@pytest.fixture
def system() -> Iterator[System]:
    with System() as system:
        yield system


def check_file(file: Path) -> list[str]:
    """Check that a database that was never closed is intact. Return the titles in it."""
    with closing(open_database(file)) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert database.execute("pragma foreign_key_check").fetchall() == []
        return [title for (title,) in database.execute("select title from todo order by id")]


# --- the store alone ---------------------------------------------------------------------------------------------


class Orders:
    """Orders during which the store kills itself. The next store answers them."""

    def __init__(self, system: System, guest: Guest) -> None:
        self.number = 0
        self._system = system
        self._guest = guest
        self._unanswered: asyncio.Task[Envelope] | None = None

    async def kills(self, moment: str) -> bool:
        """Send one more order, and have the store die at a moment of it. Return whether it reached that moment."""
        name = f"order-{self.number}"
        store = self._system.launch("store", name, moment)
        await self.answered()
        order = StoreOrder(verb="insert", table="todo", values={"title": f"milk {self.number}."})
        self._unanswered = asyncio.create_task(self._guest.bus.ask(order, "todo", id=name, seconds=60))
        self.number += 1
        dying = asyncio.create_task(asyncio.to_thread(store.wait))
        done, _ = await asyncio.wait((self._unanswered, dying), return_when=asyncio.FIRST_COMPLETED)
        survived = dying not in done and moment.isdigit()
        if survived:
            store.kill()
        await dying
        return not survived

    async def answered(self) -> None:
        """Wait until the newest store has answered the order that the one before it could not."""
        await asyncio.to_thread(self._system.wait_ready, "store")
        self._guest.bus.repeat_orders()
        assert self._unanswered is None or (await self._unanswered).message.ok


def test_an_order_is_carried_out_once_and_shown_when_the_store_dies_at_any_point_of_it(
    system: System, monkeypatch: pytest.MonkeyPatch
):
    system.start("broker", "store", "web")

    async def play(guest: Guest) -> int:
        async with Visitor(system).tab() as tab:
            await asyncio.to_thread(system.stop, "store")
            orders, statement = Orders(system, guest), count()
            with monkeypatch.context() as patch:
                patch.setitem(MODULES, "store", crashing_store.__name__)
                while await orders.kills(str(next(statement))):
                    pass
                for moment in (COMMITTED, TOLD):
                    assert await orders.kills(moment)
            system.launch("store")
            await orders.answered()
            for number in range(orders.number):
                await tab.until(lambda frame, number=number: f"milk {number}." in frame)
        return orders.number

    orders = system.visit(play)
    system.stop("store")
    assert orders > 5
    assert check_file(system.settings.database) == [f"milk {number}." for number in range(orders)]


def test_a_question_is_answered_even_if_no_process_heard_of_it(system: System, monkeypatch: pytest.MonkeyPatch):
    with OllamaDouble() as double:
        system.environment["OLLAMA_HOST"] = double.url
        system.start("broker", "store", "llm_worker", "agent")

        async def play(user: User) -> None:
            await asyncio.to_thread(system.stop, "store")
            with monkeypatch.context() as patch:
                patch.setitem(MODULES, "store", crashing_store.__name__)
                store = system.launch("store", "question", COMMITTED)
            await asyncio.to_thread(system.wait_ready, "store")
            double.play(speech("I heard you."))
            values = {"conversation": user.conversation, "role": "user", "text": "Do you hear me?"}
            order = StoreOrder(verb="insert", table="message", values=values)
            asked = asyncio.create_task(user.guest.bus.ask(order, "message", id="question", seconds=60))
            await asyncio.to_thread(store.wait, 20)
            system.launch("store")
            await asyncio.to_thread(system.wait_ready, "store")
            (question,) = (await asked).message.rows
            assert (await user.answer(question))["text"] == "I heard you."
            assert not user.guest.all(StoreChanged, table="message", verb="insert", id=question["id"])

        visit(system, play)


# --- many times, and everything at once --------------------------------------------------------------------------


def image_of(system: System, folder: Path) -> Path:
    """Copy the files of a database whose process is gone, exactly as they are. Return the copy."""
    folder.mkdir()
    for file in system.home.glob("pianola.db*"):
        shutil.copy(file, folder)
    return folder / "pianola.db"


@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_each_of_many_orders_is_done_once_while_the_store_is_killed_often(system: System, tmp_path: Path, kills: int):
    """The file after each kill is what a power loss would leave. It contains everything that was confirmed by then."""
    titles = [f"order {number}" for number in range(125 * kills)]
    system.start("broker", "store")

    async def play(guest: Guest) -> None:
        waiting, confirmed, news = iter(titles), set[str](), asyncio.Event()

        async def client() -> None:
            for title in waiting:
                order = StoreOrder(verb="insert", table="todo", values={"title": title})
                assert (await guest.bus.ask(order, "todo", id=title, seconds=120)).message.ok
                confirmed.add(title)
                news.set()

        clients = [asyncio.create_task(client()) for _ in range(8)]
        for kill in range(kills):
            while len(confirmed) < 100 * (kill + 1):
                news.clear()
                await news.wait()
            before = set(confirmed)
            await asyncio.to_thread(system.kill, "store")
            found = check_file(await asyncio.to_thread(image_of, system, tmp_path / str(kill)))
            assert before <= set(found)
            await asyncio.to_thread(system.start, "store")
            guest.bus.repeat_orders()
        await asyncio.gather(*clients)

    system.visit(play)
    system.stop("store")
    assert sorted(check_file(system.settings.database)) == sorted(titles)


def test_after_kill_9_of_all_processes_during_a_stream_nothing_confirmed_is_lost(system: System):
    said = [f"word{number} " for number in range(400)]
    with OllamaDouble() as double:
        system.environment["OLLAMA_HOST"] = double.url
        system.start(*WITH_JOBS)

        async def play(user: User) -> None:
            double.play(unfinished(said, 200))
            question = await user.say("Talk.")
            token = await user.token(60)
            await user.insert("todo", title="confirmed")
            for name in reversed(WITH_JOBS):
                await asyncio.to_thread(system.kill, name)
            heard = user.guest.all(LlmToken, generation=token.message.generation)
            await asyncio.to_thread(system.start, *WITH_JOBS)

            row = await ended(user, question)
            assert row["state"] == "interrupted"
            assert row["text"].startswith("".join(one.text for one in heard))
            assert "".join(said).startswith(row["text"])
            assert [todo["title"] for todo in await user.order("list", "todo")] == ["confirmed"]
            assert len(double.chats) == 1

        visit(system, play)


async def ended(user: User, question: Row) -> Row:
    """Ask the store again and again until an answer is finished. (Its message may have been lost.)"""
    async with asyncio.timeout(60):
        while True:
            rows = await user.order("list", "message", where={"reply_to": question["id"]})
            if rows and rows[0]["state"] != "streaming":
                return rows[0]
            await asyncio.sleep(0.05)
