"""A real HTTP server that speaks Ollama's protocol, and that a test can make behave as any Ollama may.

    with OllamaDouble() as double:
        double.play([Say("Hel"), Say("lo"), Wait(signal), Reset()])      # for the next request to /api/chat
        ... a process with OLLAMA_HOST=double.url ...
        double.chats[0].closed.wait(5)

A script is a list of steps; after its last one the HTTP answer ends properly, unless a step has ended the connection.
Headers go out with the first bytes, as Ollama's do: a `Pause` or `Wait` before them is a model that loads.
By hand: `python -m tests.support.ollama_double --port 11434 --rate 50`; `GET /double/chats` tells when each token was
written.
"""

import argparse
import asyncio
import hashlib
import json
import re
import signal
import socket
import ssl
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, Self

Values = dict[str, Any]

MAX_BODY_BYTES = 64 * 1024 * 1024
PIECE_BYTES = 64 * 1024
BLOBS = "/api/blobs/"
REASONS = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    404: "Not Found",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
VERSION = "0.33.0"
ESCAPED = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


# --- what is installed -------------------------------------------------------------------------------------------


@dataclass
class Model:
    """A model that the double claims to have."""

    name: str = "double:1b"
    capabilities: Sequence[str] = ("completion", "tools")
    modified_at: str = "2026-11-20T10:00:00.123456789Z"
    size: int = 815_319_791
    context: int = 32_768
    loaded: bool = False
    remote_host: str = ""
    capabilities_in_tags: bool = True
    """Newer servers list them in /api/tags; older ones only in /api/show."""
    parameters: str = ""
    """As `ollama show --parameters` prints them: `num_ctx 4096`."""
    family: str = "llama"
    refuses_think: bool = False
    """It is listed as thinking, but its template cannot."""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()

    def details(self) -> Values:
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": "1.0B",
            "quantization_level": "Q4_K_M",
        }

    def tag(self) -> Values:
        listed = {
            "name": self.name,
            "model": self.name,
            "modified_at": self.modified_at,
            "size": self.size,
            "digest": self.digest,
            "details": self.details(),
        }
        if self.capabilities_in_tags:
            listed["capabilities"] = list(self.capabilities)
            listed["details"] |= {"context_length": self.context}
        if self.remote_host:
            listed |= {"remote_host": self.remote_host, "remote_model": self.name.split(":")[0]}
        return listed

    def process(self) -> Values:
        return {
            "name": self.name,
            "model": self.name,
            "size": self.size,
            "digest": self.digest,
            "details": self.details(),
            "expires_at": "2036-11-20T10:05:00Z",
            "size_vram": self.size,
            "context_length": 4096,
        }

    def show(self) -> Values:
        return {
            "license": "",
            "modelfile": "",
            "parameters": self.parameters,
            "template": "{{ .Prompt }}",
            "details": self.details(),
            "model_info": {"general.architecture": self.family, f"{self.family}.context_length": self.context},
            "modified_at": self.modified_at,
        } | ({"capabilities": list(self.capabilities)} if self.capabilities else {})


# --- what was asked ----------------------------------------------------------------------------------------------


@dataclass
class Chat:
    """One request to /api/chat, as it came and as it was answered."""

    body: Values
    headers: dict[str, str]
    started: float = field(default_factory=time.monotonic)
    written: list[tuple[float, float]] = field(default_factory=list)
    """`time.monotonic()` and `time.time()` of each line, taken right before it was written."""
    answered: threading.Event = field(default_factory=threading.Event)
    """The script ran to its end."""
    closed: threading.Event = field(default_factory=threading.Event)
    """The client closed the connection before that."""
    closed_at: float = 0.0
    """`time.monotonic()` of it."""

    @property
    def identity(self) -> str:
        """The same for requests that ask for the same thing."""
        return json.dumps([self.body.get("model"), self.body.get("messages")], sort_keys=True)


# --- what it does ------------------------------------------------------------------------------------------------


class Step(Protocol):
    """One thing that the double does in answer to a request."""

    async def play(self, reply: "Reply") -> None:
        """Do it; raise `Ended` when the connection is over with it."""


class Ended(Exception):
    """The script has ended the connection itself."""


@dataclass
class Say:
    """A token of the answer; `rate` tokens a second (0: at full speed)."""

    text: str
    rate: float = 0.0

    async def play(self, reply: "Reply") -> None:
        await reply.pace(self.rate)
        await reply.say(self.text)


@dataclass
class Think:
    """A token of the reasoning."""

    text: str

    async def play(self, reply: "Reply") -> None:
        await reply.think(self.text)


@dataclass
class Call:
    """A call of a tool."""

    name: str
    arguments: Values

    async def play(self, reply: "Reply") -> None:
        await reply.call(self.name, self.arguments)


@dataclass
class Done:
    """The last line."""

    reason: str = "stop"
    text: str = ""
    """The last line can carry content."""

    async def play(self, reply: "Reply") -> None:
        await reply.finish(self.reason, self.text)


@dataclass
class Line:
    """Any JSON value as a line."""

    value: Any

    async def play(self, reply: "Reply") -> None:
        await reply.line(self.value)


@dataclass
class Raw:
    """Any bytes, `times` times, each as one chunk."""

    data: bytes
    times: int = 1

    async def play(self, reply: "Reply") -> None:
        for _ in range(self.times):
            await reply.write(self.data)


@dataclass
class Split:
    """Some bytes, each as a chunk of its own."""

    data: bytes

    async def play(self, reply: "Reply") -> None:
        for index in range(len(self.data)):
            await reply.write(self.data[index : index + 1])


@dataclass
class Pause:
    """Nothing for some seconds."""

    seconds: float

    async def play(self, reply: "Reply") -> None:
        await asyncio.sleep(self.seconds)


@dataclass
class Wait:
    """Nothing until the test sets the event."""

    event: threading.Event

    async def play(self, reply: "Reply") -> None:
        while not self.event.is_set():  # noqa: ASYNC110 (another thread sets it)
            await asyncio.sleep(0.002)


@dataclass
class Tell:
    """Sets the event: the double has come this far."""

    event: threading.Event

    async def play(self, reply: "Reply") -> None:
        self.event.set()


@dataclass
class Status:
    """Another status than 200, with Ollama's error object or any other body."""

    code: int
    error: str = ""
    body: bytes | None = None

    async def play(self, reply: "Reply") -> None:
        body = json.dumps(reply.error(self.code, self.error)).encode() if self.body is None else self.body
        reply.whole(body, self.code)


@dataclass
class Redirect:
    """The client is sent to another address."""

    address: str
    code: int = 302

    async def play(self, reply: "Reply") -> None:
        reply.whole(b"", self.code, "text/plain; charset=utf-8", f"Location: {self.address}")


@dataclass
class Fin:
    """The connection ends in the middle of the HTTP answer, politely."""

    async def play(self, reply: "Reply") -> None:
        await reply.flush()
        raise Ended


@dataclass
class Reset:
    """The connection is reset."""

    async def play(self, reply: "Reply") -> None:
        await reply.flush()
        await asyncio.sleep(0.05)  # a reset overtakes what the client has not read yet
        opened = reply.writer.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Ended


Script = Sequence[Step]
Responder = Callable[[Values], Script]


def words(text: str) -> list[str]:
    """Return the text in tokens, as models cut it: a space belongs to the word behind it."""
    return text.replace(" ", "\0 ").split("\0")


def words_of(body: dict[str, Any]) -> str:
    """Return what the user says last in a request, without the rows and events that stand before it."""
    last = str(body["messages"][-1]["content"])
    return last.rpartition("# The user says\n")[2]


def told(body: dict[str, Any]) -> str:
    """Return everything that the model is told in a request."""
    return "\n".join(str(message["content"]) for message in body["messages"])


def speech(text: str, rate: float = 0.0) -> list[Step]:
    """Return the script that says a text word by word."""
    return [*(Say(word, rate) for word in words(text)), Done()]


class Reply:
    """An answer on its way: headers with the first bytes, then one chunk per write."""

    content_type = "application/x-ndjson"

    def __init__(self, writer: asyncio.StreamWriter, chat: Chat | None = None, model: Model | None = None) -> None:
        self.writer = writer
        self.model = model
        self.tokens = 0
        self.started = time.monotonic()
        self._chat = chat
        self._begun = False
        self._whole = False
        self._due = 0.0

    async def say(self, text: str) -> None:
        """Write a token of the answer."""
        await self.line(self.chunk({"role": "assistant", "content": text}))

    async def think(self, text: str) -> None:
        """Write a token of the reasoning."""
        await self.line(self.chunk({"role": "assistant", "content": "", "thinking": text}))

    async def call(self, name: str, arguments: Any) -> None:
        """Write a call of a tool."""
        calls = [{"id": "call_1", "function": {"index": 0, "name": name, "arguments": arguments}}]
        await self.line(self.chunk({"role": "assistant", "content": "", "tool_calls": calls}))

    async def finish(self, reason: str, text: str) -> None:
        """Write the last line."""
        elapsed = int((time.monotonic() - self.started) * 1e9)
        end = {
            "done": True,
            "done_reason": reason,
            "total_duration": elapsed,
            "load_duration": 5_025_959,
            "prompt_eval_count": 26,
            "prompt_eval_duration": 325_953_000,
            "eval_count": self.tokens,
            "eval_duration": elapsed,
        }
        await self.line(self.chunk({"role": "assistant", "content": text}) | end)

    def error(self, _code: int, text: str) -> Values:
        """Return the object that tells an error."""
        return {"error": text}

    def chunk(self, message: Values) -> Values:
        """Return a line of the stream."""
        self.tokens += 1
        created = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        return {
            "model": self.model.name if self.model else "",
            "created_at": created,
            "message": message,
            "done": False,
        }

    async def pace(self, rate: float) -> None:
        """Wait for the turn of the next token, without drifting."""
        now = time.monotonic()
        self._due = max(self._due, now) if not rate else (self._due or now) + 1 / rate
        if rate and self._due > now:
            await asyncio.sleep(self._due - now)

    async def line(self, value: Any) -> None:
        """Write a line and note when."""
        data = encoded(value) + b"\n"
        if self._chat:
            self._chat.written.append((time.monotonic(), time.time()))
        await self.write(data)

    async def write(self, data: bytes) -> None:
        """Write one chunk."""
        if not self._begun:
            self._begun = True
            if self.model:
                self.model.loaded = True
            self.writer.write(head(200, f"Content-Type: {self.content_type}", "Transfer-Encoding: chunked"))
        for start in range(0, len(data), PIECE_BYTES):
            piece = data[start : start + PIECE_BYTES]
            self.writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await self.writer.drain()

    def whole(
        self, body: bytes, status: int = 200, kind: str = "application/json; charset=utf-8", *headers: str
    ) -> None:
        """Write a whole answer at once."""
        self._begun = self._whole = True
        self.writer.write(head(status, f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers) + body)

    async def flush(self) -> None:
        """Let go what was written."""
        await self.writer.drain()

    async def end(self) -> None:
        """End the answer properly."""
        if self._begun and not self._whole:
            self.writer.write(b"0\r\n\r\n")
        elif not self._begun:
            self.whole(b"", 200, self.content_type)
        await self.writer.drain()


def head(status: int, *headers: str) -> bytes:
    """Return the status line and headers."""
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return "\r\n".join(
        (f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", *headers, f"Date: {date}", "", "")
    ).encode()


def encoded(value: Any) -> bytes:
    """Return JSON as Go writes it: UTF-8, but `< > &`, U+2028/2029 and half characters escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


class Watched(asyncio.StreamReaderProtocol):
    """A stream that also says at once that its client is gone, although nobody reads, and that is known while open."""

    def __init__(self, reader: asyncio.StreamReader, connected: Any, transports: set[asyncio.BaseTransport]) -> None:
        super().__init__(reader, connected)
        self.gone = asyncio.Event()
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport_here = transport
        self._transports.add(transport)
        super().connection_made(transport)

    def eof_received(self) -> bool | None:
        self.gone.set()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        self._transports.discard(self._transport_here)
        super().connection_lost(exc)


# --- the server --------------------------------------------------------------------------------------------------


class OllamaDouble:
    """The server, in a thread of its own. Its address stays the same when it is stopped and started again."""

    tls: ssl.SSLContext | None = None
    """Set it before `start` to be asked over https."""

    def __init__(self, *models: Model, port: int = 0, respond: Responder | None = None) -> None:
        """`models`: what is installed. `respond`: makes the script for a request that no `play` was given for."""
        self.models = list(models) or [Model()]
        self.respond = respond or (lambda body: speech("Hello from the double, which is not a model."))
        self.chats: list[Chat] = []
        self.paths: list[str] = []
        """Every request so far: method and path."""
        self.pulls: list[Chat] = []
        """Requests to /api/pull."""
        self.blobs: dict[str, int] = {}
        """Files that were sent whole, by digest, and their bytes."""
        self.creations: list[Values] = []
        """Bodies of requests to /api/create."""
        self.hold_blob_at = 0
        """After so many bytes of a file no more is taken, until `go_on` is set."""
        self.go_on = threading.Event()
        self.taking = threading.Event()
        """A file is held."""
        self.answers: dict[str, Script] = {}
        """Path to a script that replaces the usual answer, for example {"/api/tags": [Status(500, "broken")]}."""
        self.at_once = 0
        self.most_at_once = 0
        self.most_of_one = 0
        """Most requests at one time, and most that asked for the same thing."""
        self.port = port
        self._scripts: deque[Script] = deque()
        self._pull_scripts: deque[Script] = deque()
        self._running: list[str] = []
        self._stopping: Callable[[], None] | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def play(self, *scripts: Script) -> None:
        """Give the scripts for the next requests to /api/chat, in their order."""
        self._scripts.extend(scripts)

    def play_pull(self, *scripts: Script) -> None:
        """Give the scripts for the next requests to /api/pull; without one the model comes at once."""
        self._pull_scripts.extend(scripts)

    def forget(self) -> None:
        """Drop the scripts that are still waiting."""
        self._scripts.clear()

    # --- its life ---

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, and serve in a thread."""
        listening = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self.port = listening.getsockname()[1]
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(listening, started)), daemon=True)
        self._thread.start()
        started.wait(10)

    def stop(self) -> None:
        """Close all connections and stop listening, as when `ollama serve` ends."""
        if self._stopping:
            self._stopping()
            self._thread.join(10)
            assert not self._thread.is_alive()
            self._stopping = None

    async def _serve(self, listening: socket.socket, started: threading.Event) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        self._stopping = lambda: loop.call_soon_threadsafe(stop.set)
        self._tasks: set[asyncio.Task[None]] = set()
        open_transports: set[asyncio.BaseTransport] = set()

        def connection() -> Watched:
            reader = asyncio.StreamReader()
            connected = lambda reader, writer: self._connected(reader, writer, protocol.gone)  # noqa: E731
            protocol = Watched(reader, connected, open_transports)
            return protocol

        server = await loop.create_server(connection, sock=listening, ssl=self.tls)
        started.set()
        await stop.wait()
        loop.remove_reader(listening)
        await self._end_tasks()
        server.close()
        for transport in list(open_transports):
            transport.abort()  # also one whose writer is gone, and which still waits for its client to read
        for _ in range(3):  # a closed transport is gone two turns of the loop later
            await asyncio.sleep(0)

    async def _end_tasks(self) -> None:
        """End the conversations, after asyncio is done with what it is accepting.

        In a server that is closed by then asyncio fails, in silence, and leaves the accepted socket open.
        """
        if accepting := self._others() - self._tasks:
            await asyncio.wait(accepting, timeout=1.0)
        ending = self._others()
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    @staticmethod
    def _others() -> set[asyncio.Task[Any]]:
        return asyncio.all_tasks() - {asyncio.current_task()}

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gone: asyncio.Event) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer, gone))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gone: asyncio.Event) -> None:
        """Answer the requests of one connection, one after another."""
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with suppress(Ended, ConnectionError, asyncio.IncompleteReadError):
                while True:
                    method, path, headers = await read_head(reader)
                    self.paths.append(f"{method} {path}")
                    if path.startswith(BLOBS):
                        await self._blob(method, path.removeprefix(BLOBS), length_in(headers), reader, writer)
                        continue
                    body = await read_body(reader, headers)
                    await self._answer(method, path, headers, body, writer, gone)
        finally:
            writer.close()

    async def _answer(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        writer: asyncio.StreamWriter,
        gone: asyncio.Event,
    ) -> None:
        if path in self.answers:
            await run(self.answers[path], Reply(writer))
        elif (method, path) == ("POST", "/api/chat"):
            await self._chat(body, headers, writer, gone)
        elif (method, path) == ("POST", "/api/pull"):
            await self._pull(body, headers, writer, gone)
        elif (method, path) == ("POST", "/api/create"):
            await run(self._creation(parsed(body) or {}), Reply(writer))
        else:
            status, answer = self._lookup(method, path, body)
            kind = "application/json; charset=utf-8" if type(answer) is not str else "text/plain; charset=utf-8"
            data = answer.encode() if type(answer) is str else encoded(answer)
            Reply(writer).whole(data, status, kind)

    def _lookup(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Return status and answer of everything but chats."""
        if method == "POST" and path == "/api/show":
            asked = parsed(body) or {}
            found = self.find(str(asked.get("model") or asked.get("name") or ""))
            return (200, found.show()) if found else (404, {"error": f"model '{asked.get('model')}' not found"})
        return {
            "GET /": (200, "Ollama is running"),
            "GET /api/version": (200, {"version": VERSION}),
            "GET /api/tags": (200, {"models": [model.tag() for model in self.models]}),
            "GET /api/ps": (200, {"models": [model.process() for model in self.models if model.loaded]}),
            "GET /double/chats": (200, [{"body": chat.body, "written": chat.written} for chat in self.chats]),
        }.get(f"{method} {path}", (404, "404 page not found"))

    def find(self, name: str) -> Model | None:
        """Return an installed model, by a name in any case and with or without the tag `latest`."""
        wanted = name.lower() if ":" in name else f"{name.lower()}:latest"
        return next((model for model in self.models if model.name.lower() == wanted), None)

    async def _pull(
        self, body: bytes, headers: dict[str, str], writer: asyncio.StreamWriter, gone: asyncio.Event
    ) -> None:
        asked = parsed(body) or {}
        chat, name = Chat(asked, headers), str(asked.get("model"))
        self.pulls.append(chat)
        script = self._pull_scripts.popleft() if self._pull_scripts else pulling(name, 1)
        await self._play(script, Reply(writer, chat), chat, gone)
        if any(isinstance(step, Line) and step.value == {"status": "success"} for step in script):
            self.models.append(Model(name))

    # --- models made of files ---

    async def _blob(
        self, method: str, digest: str, length: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Say whether a file is there, or take one: it is kept only if it is whole and has its digest."""
        if method == "HEAD" or digest in self.blobs:
            writer.write(head(200 if digest in self.blobs else 404, "Content-Length: 0"))
            return
        found, taken = hashlib.sha256(), 0
        while taken < length:
            if self.hold_blob_at and taken >= self.hold_blob_at:
                self.taking.set()
                await Wait(self.go_on).play(Reply(writer))
            chunk = await reader.read(min(PIECE_BYTES, length - taken))
            if not chunk:
                raise ConnectionResetError
            found.update(chunk)
            taken += len(chunk)
        if digest != f"sha256:{found.hexdigest()}":
            error = f'digest mismatch, expected "{digest}", got "sha256:{found.hexdigest()}"'
            Reply(writer).whole(encoded({"error": error}), 400)
            return
        self.blobs[digest] = length
        writer.write(head(201, "Content-Length: 0"))

    def _creation(self, asked: Values) -> Script:
        """Return the answer to /api/create for one GGUF file, with Ollama's own words."""
        self.creations.append(asked)
        name, files = str(asked.get("model") or ""), asked.get("files") or {}
        if not name or not files:
            return [Status(400, "neither 'from' or 'files' was specified")]
        digest = str(next(iter(files.values())))
        if digest not in self.blobs:
            return [Status(400, f'blob "{digest}" does not exist')]
        self.models.append(Model(name if ":" in name else f"{name}:latest", ("completion",), size=self.blobs[digest]))
        made = ("parsing GGUF", f"using existing layer {digest}", "writing manifest", "success")
        return [Line({"status": status}) for status in made]

    # --- chats ---

    async def _chat(
        self, body: bytes, headers: dict[str, str], writer: asyncio.StreamWriter, gone: asyncio.Event
    ) -> None:
        asked = parsed(body)
        chat = Chat(asked or {}, headers)
        self.chats.append(chat)
        if asked is not None and asked.get("stream") is False:
            await self._answer_at_once(chat, writer)
            return
        async with self._counted(chat):
            script = self._script(asked)
            await self._play(script, self._reply(writer, chat), chat, gone)

    def _reply(self, writer: asyncio.StreamWriter, chat: Chat) -> Reply:
        return Reply(writer, chat, self.find(str(chat.body.get("model"))))

    def _script(self, asked: Values | None) -> Script:
        if refusal := self._refusal(asked):
            return [refusal]
        assert asked is not None
        if not asked.get("messages"):
            found = self.find(str(asked["model"]))
            assert found is not None
            found.loaded = asked.get("keep_alive") != 0
            return [Done("unload" if asked.get("keep_alive") == 0 else "load")]
        return self._scripts.popleft() if self._scripts else self.respond(asked)

    def _refusal(self, asked: Values | None) -> Status | None:
        """Return what Ollama says before it even looks for a model, and when it has none."""
        if asked is None:
            return Status(400, "invalid character in JSON")
        if not asked.get("model"):
            return Status(400, "model is required")
        found = self.find(str(asked["model"]))
        if found is None:
            return Status(404, f"model '{asked['model']}' not found")
        if asked.get("think") and (found.refuses_think or "thinking" not in found.capabilities):
            return Status(400, f'"{asked["model"]}" does not support thinking')
        if asked.get("tools") and "tools" not in found.capabilities:
            return Status(400, f"{asked['model']} does not support tools")
        return None

    @asynccontextmanager
    async def _counted(self, chat: Chat) -> AsyncIterator[None]:
        self.at_once += 1
        self._running.append(chat.identity)
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.most_of_one = max(self.most_of_one, self._running.count(chat.identity))
        try:
            yield
        finally:
            self.at_once -= 1
            self._running.remove(chat.identity)

    async def _play(self, script: Script, reply: Reply, chat: Chat, gone: asyncio.Event) -> None:
        """Run the script until it ends, or until the client is gone: then Ollama stops generating, too."""
        playing = asyncio.ensure_future(run(script, reply))
        leaving = asyncio.ensure_future(gone.wait())
        try:
            await asyncio.wait((playing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                raise ConnectionAbortedError
            await playing
            chat.answered.set()
        except ConnectionError:
            chat.closed_at = time.monotonic()
            chat.closed.set()
            raise
        finally:
            playing.cancel()
            leaving.cancel()
            await asyncio.gather(playing, leaving, return_exceptions=True)

    async def _answer_at_once(self, chat: Chat, writer: asyncio.StreamWriter) -> None:
        """Answer a request with `stream: false`: one object with the texts joined."""
        reply = Reply(writer, chat, self.find(str(chat.body.get("model"))))
        script = self._script(chat.body)
        if isinstance(script[0], Status):
            await script[0].play(reply)
            return
        text = "".join(step.text for step in script if isinstance(step, Say))
        reason = next((step.reason for step in script if isinstance(step, Done)), "stop")
        whole = reply.chunk({"role": "assistant", "content": text})
        reply.whole(
            encoded(whole | {"done": True, "done_reason": reason, "eval_count": len(script), "total_duration": 1})
        )
        if reply.model:
            reply.model.loaded = reason != "unload"


def layer(name: str, completed: int, total: int) -> "Line":
    """Return a line about one layer of a model that is being pulled."""
    digest = f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
    value: Values = {"status": f"pulling {digest[7:19]}", "digest": digest, "total": total}
    return Line(value | ({"completed": completed} if completed else {}))


def pulling(name: str, steps: int, total: int = 1_000_000) -> Script:
    """Return the script of a pull that succeeds."""
    states = [layer(name, total * step // steps, total) for step in range(steps + 1)]
    ends = ("verifying sha256 digest", "writing manifest", "success")
    return [Line({"status": "pulling manifest"}), *states, *(Line({"status": end}) for end in ends)]


async def run(script: Script, reply: Reply) -> None:
    """Play all steps, then end the HTTP answer."""
    for step in script:
        await step.play(reply)
    await reply.end()


async def read_head(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]]:
    """Return method, path and headers (names in lower case) of a request."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    return method, path, headers


def length_in(headers: dict[str, str]) -> int:
    """Return how many bytes the body has."""
    return int(headers.get("content-length", "0"))


async def read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """Return the body of a request."""
    assert length_in(headers) <= MAX_BODY_BYTES
    return await reader.readexactly(length_in(headers))


def parsed(body: bytes) -> Values | None:
    """Return the JSON object of a body, None when it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if type(value) is dict else None


def numbered(tokens: int, rate: float) -> Iterator[Step]:
    """Return the script of an answer of so many tokens that are easily told apart."""
    yield from (Say(f"word{index} ", rate) for index in range(tokens))
    yield Done()


def main(arguments: Iterable[str]) -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.ollama_double", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=11434)
    parser.add_argument("--model", default="double:1b")
    parser.add_argument("--rate", type=float, default=30.0, help="tokens a second; 0: at full speed")
    parser.add_argument("--tokens", type=int, default=0, help="answer with so many numbered words")
    parser.add_argument("--text", default="Hello from the double. It speaks Ollama's protocol, and is not a model.")
    chosen = parser.parse_args(list(arguments))

    def compose(_body: Values) -> Script:
        return list(numbered(chosen.tokens, chosen.rate)) if chosen.tokens else speech(chosen.text, chosen.rate)

    with OllamaDouble(Model(chosen.model), port=chosen.port, respond=compose) as double:
        sys.stdout.write(f"{double.url} {chosen.model}\n")
        sys.stdout.flush()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
