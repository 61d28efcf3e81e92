"""What the store does with orders that come while it stops."""

import asyncio

from bus.messages import StoreAnswer, StoreOrder
from tests.support.system import Guest, System


def test_an_order_that_comes_while_the_store_stops_is_carried_out_or_waits_for_the_next_store():
    async def work(guest: Guest) -> None:
        for _ in range(5):
            system.start("store")
            stopping = asyncio.create_task(asyncio.to_thread(system.stop, "store"))
            while not stopping.done():
                guest.bus.say(StoreOrder(verb="list", table="setting"), "setting")
                await asyncio.sleep(0)
            await stopping

        assert [answer.error for answer in guest.all(StoreAnswer) if not answer.ok] == []

    with System() as system:
        system.start("broker")
        system.visit(work)
        assert "error" not in system.output("store")
