"""Declared apps in the running system: in all tabs at once, with search, export and undo; the assistant plays them."""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from bus.messages import AgentActed, StoreChanged
from tests.support.http_client import Visitor
from tests.support.model_replies import instruction
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.system import Guest, System, message_of
from tests.support.user import User

PLANTS = {
    "label": "My plants",
    "prompt": "A plant without a room stands outside.",
    "tables": [
        {"label": "plant", "fields": [{"label": "Name", "required": True}, {"label": "Days", "type": "integer"}]},
    ],
}


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[OllamaDouble, System]]:
    with OllamaDouble() as double, System({"OLLAMA_HOST": double.url}) as system:
        system.start("broker", "store", "llm_worker", "agent", "web")
        yield double, system


def test_a_declared_app_is_in_all_tabs_and_the_assistant_plays_it(stage: tuple[OllamaDouble, System]):
    double, system = stage
    visitor = Visitor(system)

    async def work(guest: Guest) -> None:
        user = User(guest, (await User(guest, 0).insert("conversation", title="Plants"))["id"])
        await user.set("mode", "quiet")
        async with visitor.tab() as tab, visitor.tab() as other:
            made = await user.insert("app", declaration=PLANTS)
            for one in (tab, other):
                await one.until(lambda frame: 'href="/apps/my_plants"' in frame and "My plants" in frame)
            page = await asyncio.to_thread(visitor.page, "/apps/my_plants")
            assert 'name="days"' in page
            assert "Change this app" in page

            await user.set("app", "my_plants")
            values = {"name": "Monstera", "days": 7}
            double.play(speech(f"Done.\n\n{instruction(operation='insert', table='plant', values=values)}"))
            await user.say("Add the plant Monstera, every 7 days")
            acted = (await guest.until(message_of(AgentActed))).message
            assert acted.outcome == "applied"
            told = double.chats[-1].body["messages"][0]["content"]
            assert "A plant without a room stands outside." in told
            assert "Monstera" in await asyncio.to_thread(visitor.page, "/apps/my_plants")
            assert [one["name"] for one in await user.order("search", "plant", values={"text": "monst"})] == [
                "Monstera"
            ]
            assert '"Name","Days"' in visitor.ask("/export/plant.csv")[2].splitlines()[0]

            watered = {"label": "Room"}
            table = PLANTS["tables"][0]
            changed = PLANTS | {"tables": [table | {"name": "plant", "fields": [*table["fields"], watered]}]}  # type: ignore[index, operator, dict-item]
            await user.update("app", made["id"], declaration=changed)
            assert 'name="room"' in await asyncio.to_thread(visitor.page, "/apps/my_plants")
            fact = (await guest.until(message_of(StoreChanged, table="app", verb="update"))).message
            await user.order("undo", "app", values={"change": fact.revision})
            assert 'name="room"' not in await asyncio.to_thread(visitor.page, "/apps/my_plants")

            creation = (await guest.until(message_of(StoreChanged, table="app", verb="insert"))).message
            refused = await tab.command("undo", change=str(creation.revision))
            assert refused == ""
            await asyncio.to_thread(expect_gone, visitor, "/apps/my_plants")

    system.visit(work)


def expect_gone(visitor: Visitor, path: str) -> None:
    """Wait until a page is not there any more: while its tables go, it says that the store is busy with them."""
    statuses = (visitor.ask(path)[0] for _ in range(1_000))
    assert next(status for status in statuses if status != HTTPStatus.SERVICE_UNAVAILABLE) == HTTPStatus.NOT_FOUND
