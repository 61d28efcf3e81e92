"""The lowest cost of three processes on a bus: libzmq's own proxy between a worker and a web process.

    python -m bench.bare_band broker FOLDER
    python -m bench.bare_band worker FOLDER OLLAMA_URL
    python -m bench.bare_band web FOLDER PORT

Nothing is checked, stored, counted or logged, and no other process listens. FOLDER holds the sockets.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import msgpack
import uvloop
import zmq
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.plain_bridge import END, Bridge

QUESTION, TOKEN = b"question", b"token"


class Bus:
    """One subscription, and a socket to publish."""

    def __init__(self, folder: str, topic: bytes, heard: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        context = zmq.Context()
        self._pub, self._sub = context.socket(zmq.PUB), context.socket(zmq.SUB)
        self._pub.connect(f"ipc://{folder}/publish")
        self._sub.connect(f"ipc://{folder}/subscribe")
        self._sub.subscribe(topic)
        self._handle = heard
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop.add_reader(self._sub.FD, self._drain)
        self._drain()

    def say(self, topic: bytes, text: str) -> None:
        self._pub.send_multipart([topic, b"", msgpack.packb({"text": text})])

    def _drain(self) -> None:
        while True:
            try:
                body = self._sub.recv_multipart(zmq.NOBLOCK)[2]
            except zmq.Again:
                return
            task = self._loop.create_task(self._handle(msgpack.unpackb(body)["text"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def forward(folder: str) -> None:
    context = zmq.Context()
    inward, outward = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
    inward.bind(f"ipc://{folder}/publish")
    outward.bind(f"ipc://{folder}/subscribe")
    zmq.proxy(inward, outward)


async def work(folder: str, ollama: str) -> None:
    client = httpx.AsyncClient(base_url=ollama, timeout=None, trust_env=False)

    async def answer(question: str) -> None:
        body = {"model": "double:1b", "messages": [{"role": "user", "content": question}]}
        async with client.stream("POST", "/api/chat", json=body) as response:
            async for line in response.aiter_lines():
                bus.say(TOKEN, json.loads(line)["message"]["content"])
        bus.say(TOKEN, END)

    bus = Bus(folder, QUESTION, answer)
    await asyncio.Event().wait()


class BusBridge(Bridge):
    """Sends every token to all pages."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._sockets: list[WebSocket] = []
        self._bus: Bus | None = None

    async def talk(self, socket: WebSocket) -> None:
        self._bus = self._bus or Bus(self._folder, TOKEN, self._send)
        await socket.accept()
        self._sockets.append(socket)
        try:
            while True:
                self._bus.say(QUESTION, await socket.receive_text())
        except WebSocketDisconnect:
            self._sockets.remove(socket)

    async def _send(self, text: str) -> None:
        for socket in self._sockets:
            await socket.send_text(text)


def main() -> None:
    match sys.argv[1:]:
        case ["broker", folder]:
            forward(folder)
        case ["worker", folder, ollama]:
            uvloop.run(work(folder, ollama))
        case ["web", folder, port]:
            BusBridge(folder).serve(int(port))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
