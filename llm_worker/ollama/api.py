"""Ollama's HTTP API, the part that we use: installed models, loaded models, and chats as streams of pieces.

The protocol is described on the page “API” of the Ollama project. The errors: `llm_worker/problems.py`, one class each.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bus.errors import BadSetting
from bus.messages import LlmGenerate, Values
from bus.settings import Settings
from llm_worker.ollama.line_buffer import LineBuffer
from llm_worker.pieces import Piece, decoded, read_piece
from llm_worker.problems import (
    ModelMissing,
    NotOllama,
    OllamaAbsent,
    OllamaRefused,
    OllamaTimeout,
    Redirected,
    StreamCut,
)

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 10.0
"""Longest wait for an answer for which no model runs."""
MAX_LISTING_BYTES = 4 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
STREAMS = 64
"""Most chats at one time; Ollama queues those that it cannot run in parallel."""


class Ollama:
    """The server at `OLLAMA_HOST`, with one HTTP client for as long as the process runs."""

    def __init__(self, settings: Settings) -> None:
        """Connects with the first request."""
        self.host = settings.ollama_host
        self._first_token_seconds = settings.first_token_seconds
        self._idle_seconds = settings.idle_seconds
        try:
            self._client = self._connected()
        except httpx.InvalidURL as error:
            raise BadSetting("OLLAMA_HOST", self.host, f"is no address ({error})", "Write it as host:port") from error

    def _connected(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.host,
            headers={"Accept-Encoding": "identity", "User-Agent": "pianola"},
            timeout=httpx.Timeout(connect=CONNECT_SECONDS, read=None, write=30, pool=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=STREAMS + 4, max_keepalive_connections=4),
            trust_env=False,  # ignore proxies in the environment: Ollama usually runs on this machine
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    # --- models ---

    async def tags(self) -> list[Any]:
        """Return the installed models, as /api/tags lists them."""
        return await self._listing("/api/tags")

    async def processes(self) -> list[Any]:
        """Return the loaded models, as /api/ps lists them."""
        return await self._listing("/api/ps")

    async def show(self, model: str) -> Values:
        """Return the answer of /api/show about one model."""
        return await self._look("POST", "/api/show", {"model": model})

    async def _listing(self, path: str) -> list[Any]:
        models = (await self._look("GET", path)).get("models")
        if models is None or type(models) is list:
            return models or []
        raise NotOllama(self.host, repr(models), "a list of models")

    async def _look(self, method: str, path: str, asked: Values | None = None) -> Values:
        """Return the JSON object that answers a short request."""
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._answer(method, path, asked) as response:
                body = await limited(response, MAX_LISTING_BYTES)
        except TimeoutError:
            raise OllamaAbsent(self.host, f"no answer to {path} after {LOOK_SECONDS:g} s") from None
        if response.status_code != 200:
            raise NotOllama(self.host, f"HTTP {response.status_code}", f"an answer to {path}")
        return decoded(body, self.host)

    @asynccontextmanager
    async def _answer(self, method: str, path: str, asked: Values | None) -> AsyncIterator[httpx.Response]:
        """Send a request. Turn errors of the connection, now or while the answer is read, into an `OllamaProblem`."""
        try:
            async with self._client.stream(method, path, content=encoded(asked)) as response:
                if response.has_redirect_location:
                    raise Redirected(self.host, response.status_code, response.headers["location"])
                yield response
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise OllamaAbsent(self.host, reason(error)) from error
        except httpx.PoolTimeout as error:
            raise OllamaRefused(self.host, "one more chat", 503, f"{STREAMS} are running already") from error
        except httpx.HTTPError as error:
            raise StreamCut(self.host, reason(error)) from error

    # --- chats ---

    async def chat(self, order: LlmGenerate, model: str, *, thinks: bool) -> AsyncGenerator[Piece, None]:
        """Yield the pieces of an answer; the last one has `end`. Closing the iterator closes the connection.

        `thinks`: whether the model can reason. Only then the request may contain `think`.
        """
        begun, loop = False, asyncio.get_running_loop()
        try:
            async with (
                asyncio.timeout(self._first_token_seconds) as timeout,
                self._answer("POST", "/api/chat", body(order, model, thinks)) as response,
            ):
                await self._check(response, model)
                lines = LineBuffer()
                async for chunk in response.aiter_raw():
                    begun = True
                    timeout.reschedule(loop.time() + self._idle_seconds)
                    for line in lines.feed(chunk):
                        piece = read_piece(line, self.host, model)
                        yield piece
                        if piece.end:
                            return
        except TimeoutError:
            raise OllamaTimeout(model, self._idle_seconds if begun else self._first_token_seconds, begun) from None
        raise StreamCut(self.host, "no line said `done`")

    async def _check(self, response: httpx.Response, model: str) -> None:
        if response.status_code == 200:
            return
        text = (await limited(response, MAX_ERROR_BYTES)).decode(errors="replace")
        if response.status_code == 404 and "not found" in text and "model" in text:
            raise ModelMissing(self.host, model)
        raise OllamaRefused(self.host, model, response.status_code, error_in(text))


def body(order: LlmGenerate, model: str, thinks: bool) -> Values:
    """Return the body of a request to /api/chat. `think` belongs beside `options`, not into them."""
    options = dict(order.options)
    think = options.pop("think", None)
    asked = {"model": model, "messages": order.messages, "options": options, "stream": True}
    asked |= ({"tools": order.tools} if order.tools else {}) | ({"format": order.format} if order.format else {})
    return asked | ({"think": think} if thinks and think is not None else {})


def encoded(asked: Values | None) -> bytes | None:
    """Return the body of a request as bytes, None for no body."""
    return None if asked is None else json.dumps(asked).encode()


async def limited(response: httpx.Response, limit: int) -> bytes:
    """Return the first `limit` bytes of an answer."""
    parts: list[bytes] = []
    length = 0
    async for chunk in response.aiter_raw():
        parts.append(chunk)
        length += len(chunk)
        if length >= limit:
            break
    return b"".join(parts)[:limit]


def error_in(text: str) -> str:
    """Return the sentence in Ollama's error object, or the text itself if it is not such an object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    error = value.get("error") if type(value) is dict else None
    return str(error or text.strip() or "it gave no reason")


def reason(error: BaseException) -> str:
    """Return the reason why a connection failed, in a few words."""
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection after {CONNECT_SECONDS:g} s"
    if isinstance(error, httpx.ConnectError) and "All connection attempts failed" in str(error):
        return "connection refused"
    return str(error) or type(error).__name__
