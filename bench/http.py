"""What a door over HTTP costs: an order beside one over the bus, and facts to 200 readers of `/events` at once.

The work of web is measured too: it depends less on what else the machine does (Linux only).

python -m bench.http [--orders 1000] [--readers 200]
"""

import argparse
import asyncio
import json
import time

from bench.figures import percentiles
from bench.footprint import cpu_seconds
from bench.orders import one_by_one
from bus.bus import Bus
from bus.clients.file import add_client
from bus.clients.keys import new_key
from bus.messages import StoreOrder
from tests.support.http_client import Visitor
from tests.support.system import System

READERS_OF_A_KEY = 100
FACTS = 50


def made_key(system: System, number: int) -> str:
    key, kept = new_key(f"bench-{number}", read_only=False, tables=(), days=1, now=time.time())
    add_client(system.settings.clients_file, kept)
    return key


async def orders_over_http(system: System, orders: int) -> list[float]:
    """Insert rows one by one over one connection; return how long each took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    key, milliseconds = made_key(system, 0), []
    for number in range(orders):
        started = time.perf_counter()
        body = json.dumps({"verb": "insert", "table": "todo", "values": {"title": f"order {number}"}})
        head = f"Host: 127.0.0.1:{system.port}\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}"
        writer.write(f"POST /orders HTTP/1.1\r\n{head}\r\n\r\n{body}".encode())
        answered = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(answered.partition("content-length: ")[2].partition("\r\n")[0]))
        milliseconds.append((time.perf_counter() - started) * 1000)
        assert " 200 " in answered, answered
    writer.close()
    return milliseconds


async def read(system: System, key: str, opened: asyncio.Semaphore) -> list[float]:
    """Read events until all facts have come; return when each came (monotonic seconds)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port, limit=1024 * 1024)
    head = f"Host: 127.0.0.1:{system.port}\r\nAuthorization: Bearer {key}"
    writer.write(f"GET /events?prefix=store.changed/todo HTTP/1.1\r\n{head}\r\n\r\n".encode())
    came: list[float] = []
    while len(came) < FACTS:
        line = await reader.readline()
        if line == b"event: opened\n":
            opened.release()
        elif line == b"event: store.changed\n":
            came.append(time.monotonic())
    writer.close()
    return came


async def facts_to_readers(system: System, bus: Bus, readers: int) -> list[float]:
    """Insert rows while many read; return how long after its order each fact came to each reader."""
    keys = [made_key(system, number + 1) for number in range(-(-readers // READERS_OF_A_KEY))]
    opened = asyncio.Semaphore(0)
    reading = asyncio.gather(*(read(system, keys[number // READERS_OF_A_KEY], opened) for number in range(readers)))
    for _ in range(readers):
        await opened.acquire()
    said = []
    for number in range(FACTS):
        said.append(time.monotonic())
        await bus.ask(StoreOrder(verb="insert", table="todo", values={"title": f"fact {number}"}), "todo")
        await asyncio.sleep(0.05)
    return [(at - said[index]) * 1000 for came in await reading for index, at in enumerate(came)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--readers", type=int, default=200)
    chosen = parser.parse_args()

    async def measure() -> None:
        bus = Bus("bench", system.settings, lambda text, _error: print(text))
        bus.connect()
        await bus.greet(5)
        await one_by_one(bus, 100)
        print("an order over the bus, ms: ", percentiles(await one_by_one(bus, chosen.orders)))
        began = cpu_seconds(web)
        print("an order over HTTP, ms:    ", percentiles(await orders_over_http(system, chosen.orders)))
        print(f"work of web for it:         {(cpu_seconds(web) - began) * 1000 / chosen.orders:.2f} ms")
        print(
            f"a fact to {chosen.readers} readers, ms:", percentiles(await facts_to_readers(system, bus, chosen.readers))
        )
        print(f"memory of web: {system.memory('web') / 1024 / 1024:.0f} MiB")
        bus.close()

    with System() as system:
        system.start("broker", "store", "web")
        Visitor(system)
        web = system.processes["web"].pid
        asyncio.run(measure())


if __name__ == "__main__":
    main()
