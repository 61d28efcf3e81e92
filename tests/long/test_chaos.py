"""Processes are killed at random under a flow of orders and questions: afterwards everything is consistent.

`PIANOLA_TEST_CHAOS_KILLS` sets how often (default 40). `PIANOLA_TEST_SEED` chooses victims and moments (default: a
new number, which is printed).
"""

import asyncio
import os
import random
import sqlite3
import time
from contextlib import closing

import pytest

from bus.messages import StoreOrder
from tests.support.browser import WITH_JOBS
from tests.support.launched import Launched
from tests.support.ollama_double import OllamaDouble
from tests.support.system import Guest, run_apart

KILLS = int(os.environ.get("PIANOLA_TEST_CHAOS_KILLS", "40"))
SEED = int(os.environ.get("PIANOLA_TEST_SEED", "0")) or time.time_ns() % 1_000_000
ENDED = ("done", "interrupted", "failed", "stopped")


class Flow:
    """Clients that order and ask without a pause, and what was confirmed to them."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.confirmed: list[str] = []
        self.questions: list[int] = []
        self.stopping = False

    async def order(self, name: str, table: str, **values: object) -> list[dict]:
        order = StoreOrder(verb="insert", table=table, values=values)
        answer = (await self.guest.bus.ask(order, table, id=name, seconds=120)).message
        assert answer.ok, answer.error
        return answer.rows

    async def client(self, number: int) -> None:
        count = 0
        while not self.stopping:
            title = f"client {number} order {count}"
            await self.order(title, "todo", title=title)
            self.confirmed.append(title)
            count += 1
            await asyncio.sleep(0.02)

    async def talker(self) -> None:
        talk = (await self.order("talk", "conversation", title="Chaos"))[0]["id"]
        while not self.stopping:
            name = f"question {len(self.questions)}"
            (row,) = await self.order(name, "message", conversation=talk, role="user", text=name)
            self.questions.append(row["id"])
            await asyncio.sleep(1)


async def until_answered(guest: Guest, questions: list[int]) -> None:
    """Wait until each question has an answer that has ended."""
    async with asyncio.timeout(120):
        for question in questions:
            order = StoreOrder(verb="list", table="message", where={"reply_to": question, "role": "assistant"})
            while True:
                rows = (await guest.bus.ask(order, "message", seconds=60)).message.rows
                if rows and all(row["state"] in ENDED for row in rows):
                    break
                await asyncio.sleep(0.1)


@pytest.mark.timeout(KILLS * 30 + 300)
def test_after_random_kills_everything_that_was_confirmed_is_there_once():
    print(f"PIANOLA_TEST_SEED={SEED}")  # noqa: T201
    chance = random.Random(SEED)
    with OllamaDouble() as double, Launched(double.url) as launched:

        async def play() -> Flow:
            guest = Guest("chaos", launched.settings)
            guest.bus.connect()
            try:
                await guest.bus.greet(20)
                flow = Flow(guest)
                async with asyncio.TaskGroup() as group:
                    for number in range(4):
                        group.create_task(flow.client(number))
                    group.create_task(flow.talker())
                    for _ in range(KILLS):
                        await asyncio.sleep(chance.uniform(0, 1))  # the moment is what varies
                        killed: dict[str, str] = {}
                        for victim in chance.sample(WITH_JOBS, chance.choice([1, 1, 1, 2, 3])):
                            killed |= await asyncio.to_thread(launched.kill, victim)
                        await asyncio.to_thread(launched.wait_ready, killed)
                        guest.heard.clear()
                    flow.stopping = True
                await until_answered(guest, flow.questions)
                return flow
            finally:
                guest.bus.close()

        flow = run_apart(play())
        launched.end()
        with closing(sqlite3.connect(f"file:{launched.settings.database}?mode=ro", uri=True)) as database:
            assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
            titles = [title for (title,) in database.execute("select title from todo")]
            answers = database.execute(
                "select reply_to, count(*) from message where role = 'assistant' and purpose = 'chat' group by reply_to"
            ).fetchall()

    assert sorted(titles) == sorted(flow.confirmed)
    assert sorted(answers) == [(question, 1) for question in sorted(flow.questions)]
