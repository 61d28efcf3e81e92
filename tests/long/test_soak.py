"""Steady use for some minutes: memory and files stay within bounds, and nothing is lost.

`PIANOLA_TEST_SOAK_SECONDS` sets how long (default 300).
"""

import os
import random
import time

import pytest

from tests.support.browser import WITH_JOBS
from tests.support.http_client import Visitor
from tests.support.ollama_double import OllamaDouble
from tests.support.system import System
from tests.support.user import User, visit

SECONDS = float(os.environ.get("PIANOLA_TEST_SOAK_SECONDS", "300"))
MOST_GROWTH_BYTES = 40_000_000
"""How much a process may grow after its first fifth of the time."""
BYTES_OF_A_ROUND = 60_000
"""What one round below may add to the home folder: rows, changes, log lines."""
ROWS_KEPT = 100


def bytes_in(system: System) -> int:
    return sum(file.stat().st_size for file in system.home.rglob("*") if file.is_file())


@pytest.mark.timeout(SECONDS * 2 + 300)
def test_steady_use_stays_within_bounds_and_loses_nothing():
    chance = random.Random(11)
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start(*WITH_JOBS)
        visitor = Visitor(system)
        kept: dict[int, str] = {}
        memory: dict[str, int] = {}
        rounds = 0

        async def one_round(user: User) -> None:
            async with visitor.tab() as tab:
                title = f"round {rounds}."
                row = await user.insert("todo", title=title)
                await tab.until(lambda frame: title in frame)
                kept[row["id"]] = title
                changed = chance.choice(list(kept))
                await user.update("todo", changed, done=chance.random() < 0.5)
                if len(kept) > ROWS_KEPT:
                    await user.order("delete", "todo", id=changed)
                    del kept[changed]
                await user.answer(await user.say(f"hello {rounds}"))
                user.guest.heard.clear()
                double.chats.clear()

        async def play(user: User) -> None:
            nonlocal rounds
            started = time.monotonic()
            while (passed := time.monotonic() - started) < SECONDS:
                if not memory and passed > SECONDS / 5:
                    memory.update({name: system.memory(name) for name in WITH_JOBS} | {"files": bytes_in(system)})
                    memory["rounds"] = rounds
                if rounds % 50 == 49:
                    user.conversation = (await user.insert("conversation", title=f"Talk {rounds}"))["id"]
                await one_round(user)
                rounds += 1
            todos = await user.order("list", "todo", limit=1000)
            assert {row["id"]: row["title"] for row in todos} == kept
            assert await user.order("list", "message", where={"state": ["streaming", "failed", "interrupted"]}) == []

        visit(system, play)
        grown = {name: system.memory(name) - memory[name] for name in WITH_JOBS}
        assert {name: size for name, size in grown.items() if size > MOST_GROWTH_BYTES} == {}
        assert bytes_in(system) - memory["files"] < BYTES_OF_A_ROUND * (rounds - memory["rounds"]) + 5_000_000
