"""What Pianola is compared with: one process, one WebSocket, each token sent as it comes. Nothing is stored.

python -m bench.plain_bridge PORT OLLAMA_URL
"""

import json
import sys
from abc import ABC, abstractmethod

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

END = "\0"
"""Tells the page that the answer has ended."""

PAGE = """<!doctype html><meta charset=utf-8><link rel=icon href="data:,"><input id=chat-input autofocus>
<div id=log></div><script src=/script.js></script>"""

SCRIPT = """
const socket = new WebSocket(`ws://${location.host}/ws`), input = document.getElementById("chat-input");
let text;
socket.onmessage = ({data}) => {
  if (data === "\\u0000") { text.parentNode.dataset.state = "done"; return; }
  text.appendData(data);
};
input.addEventListener("keydown", event => {
  if (event.key !== "Enter") return;
  const answer = document.createElement("div");
  answer.className = "answer";
  document.getElementById("log").append(answer);
  answer.append(text = document.createTextNode(""));
  socket.send(input.value);
  input.value = "";
});
"""


class Bridge(ABC):
    """A page whose WebSocket sends questions, and receives the pieces of the answer and `END`."""

    async def page(self, _request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def script(self, _request: Request) -> Response:
        return Response(SCRIPT, media_type="text/javascript")

    @abstractmethod
    async def talk(self, socket: WebSocket) -> None: ...

    def serve(self, port: int) -> None:
        routes = [Route("/", self.page), Route("/script.js", self.script), WebSocketRoute("/ws", self.talk)]
        app = Starlette(routes=routes)
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", ws_per_message_deflate=False)


class PlainBridge(Bridge):
    """Forwards the answer of the model to the page that asked."""

    def __init__(self, ollama: str) -> None:
        self.client = httpx.AsyncClient(base_url=ollama, timeout=None, trust_env=False)

    async def talk(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await self.answer(socket, await socket.receive_text())
        except WebSocketDisconnect:
            return

    async def answer(self, socket: WebSocket, question: str) -> None:
        body = {"model": "double:1b", "messages": [{"role": "user", "content": question}]}
        async with self.client.stream("POST", "/api/chat", json=body) as response:
            async for line in response.aiter_lines():
                await socket.send_text(json.loads(line)["message"]["content"])
        await socket.send_text(END)


if __name__ == "__main__":
    PlainBridge(sys.argv[2]).serve(int(sys.argv[1]))
