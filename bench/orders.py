"""Orders over the bus, committed with `synchronous=FULL`: latency one by one, throughput with 32 in flight.

python -m bench.orders [--orders 3000]
"""

import argparse
import asyncio
import time

from bench.figures import percentiles
from bus.bus import Bus
from bus.messages import StoreOrder
from tests.support.system import System

IN_FLIGHT = 32


async def insert(bus: Bus, number: int) -> None:
    order = StoreOrder(verb="insert", table="todo", values={"title": f"order {number}"})
    answer = (await bus.ask(order, "todo")).message
    assert answer.ok, answer.error


async def one_by_one(bus: Bus, orders: int) -> list[float]:
    milliseconds = []
    for number in range(orders):
        started = time.perf_counter()
        await insert(bus, number)
        milliseconds.append((time.perf_counter() - started) * 1000)
    return milliseconds


async def in_flight(bus: Bus, orders: int) -> float:
    numbers = iter(range(orders))

    async def client() -> None:
        for number in numbers:
            await insert(bus, number)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(IN_FLIGHT)))
    return orders / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=3000)
    orders = parser.parse_args().orders

    async def measure() -> None:
        bus = Bus("bench", system.settings, lambda text, _error: print(text))
        bus.connect()
        await bus.greet(5)
        await one_by_one(bus, 200)
        print("one by one, ms:        ", percentiles(await one_by_one(bus, orders)))
        print(f"{IN_FLIGHT} in flight, orders/s: {await in_flight(bus, orders):.0f}")
        bus.close()

    with System() as system:
        system.start("broker", "store")
        asyncio.run(measure())


if __name__ == "__main__":
    main()
