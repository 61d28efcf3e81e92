"""Stands between the product and the engine: passes everything on, sets the temperature to 0, notes each chat.

It can also answer a chat itself, with a text that it was given: so the talk before an order is the same in every run,
and the product carries out what it says.
"""

import http.client
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

Values = dict[str, Any]

CHAT = "/v1/chat/completions"
MODELS = "/v1/models"
HOP_BY_HOP = {"transfer-encoding", "connection", "keep-alive", "content-length"}
SCRIPTED_MODEL = "scripted"
"""The model's name when there is no engine behind."""


@dataclass(frozen=True, slots=True)
class Scripted:
    """An answer to give. `rate`: words a second; 0: at once."""

    text: str
    rate: float = 0.0


@dataclass(slots=True)
class Chat:
    """One request for an answer, and the answer."""

    body: Values
    asked_at: float
    """Monotonic seconds."""
    first_at: float = 0.0
    """When the first text came; 0: none."""
    ended_at: float = 0.0
    text: str = ""
    reason: str = ""
    """Why the model ended: stop, length, tool_calls; "" when the connection was closed before."""
    timings: Values = field(default_factory=dict)
    """What llama.cpp tells at the end: `prompt_n` (tokens processed), `cache_n`, `predicted_n` …"""
    scripted: bool = False

    @property
    def messages(self) -> list[Values]:
        """The messages that were sent."""
        return list(self.body.get("messages") or ())

    @property
    def read_tokens(self) -> int:
        """Tokens of the prompt that were processed, because they were not in the cache."""
        return int(self.timings.get("prompt_n", 0))

    @property
    def known_tokens(self) -> int:
        """Tokens of the prompt that the engine had in its cache."""
        return int(self.timings.get("cache_n", 0))

    def hear(self, line: bytes) -> None:
        """Take one line of the answer's stream."""
        if not line.startswith(b"data: {"):
            return
        event = json.loads(line.removeprefix(b"data: "))
        self.timings = event.get("timings") or self.timings
        for choice in event.get("choices") or ():
            self.reason = choice.get("finish_reason") or self.reason
            if text := (choice.get("delta") or {}).get("content"):
                self.first_at = self.first_at or time.monotonic()
                self.text += text


class Relay:
    """Started by `with`. `address`: what the product is told; `chats`: everything that was asked."""

    def __init__(self, engine: str = "") -> None:
        """`engine`: address of the engine; "" when every answer is scripted."""
        self.engine = engine
        self.chats: list[Chat] = []
        self._scripted: deque[Scripted] = deque()
        relay = self

        class Bound(Handler):
            def __init__(self, *arguments: Any) -> None:
                self.relay = relay
                super().__init__(*arguments)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def script(self, text: str, rate: float = 0.0) -> None:
        """Give this text as the answer to the next chat for which nothing is scripted yet."""
        self._scripted.append(Scripted(text, rate))

    def next_scripted(self) -> Scripted | None:
        """Return the answer to give now; None: ask the engine."""
        return self._scripted.popleft() if self._scripted else None


class Handler(BaseHTTPRequestHandler):
    """One request of the product."""

    relay: Relay

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        if self.relay.engine:
            self._pass_on(b"", None)
        elif self.path == MODELS:
            self._send_json({"object": "list", "data": [{"id": SCRIPTED_MODEL, "object": "model"}]})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != CHAT:
            self._pass_on(body, None)
            return
        asked = json.loads(body) | {"temperature": 0}
        chat = Chat(asked, time.monotonic())
        self.relay.chats.append(chat)
        try:
            if scripted := self.relay.next_scripted():
                self._speak(scripted, chat)
            elif not self.relay.engine:
                self.send_error(503, "nothing is scripted, and there is no engine")
            else:
                self._pass_on(json.dumps(asked).encode(), chat)
        except OSError:  # the product has closed the connection: it stopped the answer
            pass
        finally:
            chat.ended_at = time.monotonic()

    # --- the engine's answer ---

    def _pass_on(self, body: bytes, chat: Chat | None) -> None:
        engine = urlsplit(self.relay.engine)
        connection = http.client.HTTPConnection(engine.hostname or "", engine.port)
        try:
            connection.request(self.command, self.path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            rest = b""
            while piece := answer.read1(65_536):
                self.wfile.write(piece)
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines if chat else ():
                    chat.hear(line)  # type: ignore[union-attr]  # without a chat there are no lines
        finally:
            connection.close()

    # --- an answer of our own ---

    def _speak(self, scripted: Scripted, chat: Chat) -> None:
        chat.scripted = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in self._events(scripted):
            line = b"data: " + json.dumps(event).encode()
            chat.hear(line)
            self.wfile.write(line + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def _events(self, scripted: Scripted) -> Iterator[Values]:
        words = scripted.text.split(" ")
        begun = time.monotonic()
        for number, word in enumerate(words):
            if scripted.rate:
                time.sleep(max(0.0, begun + number / scripted.rate - time.monotonic()))
            yield _event({"content": word if number == 0 else f" {word}"})
        yield _event({}, "stop") | {"usage": {"prompt_tokens": 0, "completion_tokens": len(words)}}

    def _send_json(self, value: Values) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _event(delta: Values, reason: str | None = None) -> Values:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
