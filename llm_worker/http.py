"""HTTP to one server, for every kind: short requests, and answers that stream line by line.

Only the server's own address is asked: no proxy of the environment, no redirection.
"""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import httpx

from bus.errors import BadSetting
from bus.messages import Values
from llm_worker.contract import About, Patience
from llm_worker.problems import (
    HIDDEN,
    AnswerTimeout,
    KeyRefused,
    LineTooLong,
    ModelMissing,
    Redirected,
    Refused,
    ServerAbsent,
    ServerProblem,
    SignInWanted,
    StreamCut,
    WrongProtocol,
)
from llm_worker.stream.json_values import decoded, member
from llm_worker.stream.line_buffer import MAX_LINE_BYTES, LineBuffer, TooLong
from llm_worker.stream.pieces import Piece, Progress

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 10.0
"""Longest wait for an answer for which no model runs."""
MAX_LISTING_BYTES = 4 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
STREAMS = 64
"""Most chats at one time; servers queue those that they cannot run in parallel."""
TRUST_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For addresses without TLS: reading the usual certificates takes 6 MiB."""
MARKUP = b"<"
"""A page begins with it, a line of no protocol does."""
BEARER = "Bearer "

State = TypeVar("State")


class Reader(Protocol):
    """Reads the lines of one answer, in one server's protocol."""

    def read(self, line: bytes) -> Iterable[Piece]:
        """Yield the pieces in a line. Raises a `ServerProblem` for a line that reports an error or is none."""

    def finish(self) -> Iterable[Piece]:
        """Yield the pieces that were held back, when the connection has ended after the last line."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for an answer that streams."""

    path: str
    body: Values
    model: str
    """For the sentences of errors."""
    begin: Progress
    """The state until something comes from the server."""
    accepted: Progress | None = None
    """The state once the server has accepted the request; None where that tells nothing."""


@dataclass(frozen=True, slots=True)
class File:
    """The body of a request that is no JSON: so many bytes."""

    size: int
    chunks: AsyncIterator[bytes]


class Connection:
    """One HTTP client for one server, for as long as the process runs."""

    def __init__(self, about: About, key: Callable[[], str], patience: Patience) -> None:
        """Connects with the first request. `key`: gives the server's key, "" for none; it may change."""
        self._about = about
        self._key = key
        self._patience = patience
        try:
            self._client = self._connected()
        except httpx.InvalidURL as error:
            raise BadSetting(
                about.setting, about.address, f"is no address ({error})", "Write it as host:port"
            ) from error

    def _connected(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._about.address,
            headers={"Accept-Encoding": "identity", "User-Agent": "pianola"},
            timeout=httpx.Timeout(connect=CONNECT_SECONDS, read=None, write=30, pool=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=STREAMS + 4, max_keepalive_connections=4),
            verify=trusted_authorities() if self._about.address.startswith("https:") else TRUST_NOBODY,
            trust_env=False,  # ignore proxies in the environment: only the address in the settings is asked
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    # --- short requests ---

    async def look(self, method: str, path: str, asked: Values | None = None) -> Values:
        """Return the JSON object that answers a short request. `path`: below the address, or a whole URL."""
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._answer(method, path, asked) as response:
                body = await limited(response, MAX_LISTING_BYTES)
                if response.status_code != 200:
                    raise self._refusal("", response, body)
                value = decoded(body)
                if value is None:
                    raise WrongProtocol(self._about, body[:2000].decode(errors="replace"), f"the answer to {path}")
                return value
        except TimeoutError:
            raise ServerAbsent(self._about, f"no answer to {path} after {LOOK_SECONDS:g} s") from None

    # --- files ---

    async def has(self, path: str) -> bool:
        """Return whether the server has what this path names."""
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._answer("HEAD", path, None) as response:
                return response.status_code == 200
        except TimeoutError:
            raise ServerAbsent(self._about, f"no answer to {path} after {LOOK_SECONDS:g} s") from None

    async def send(self, path: str, size: int, chunks: AsyncIterator[bytes], model: str) -> None:
        """Send a file of so many bytes. Raises a `ServerProblem` unless the server takes it."""
        seconds, loop = self._patience.first_token, asyncio.get_running_loop()

        async def watched() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                yield chunk
                timeout.reschedule(loop.time() + seconds)

        try:
            async with (
                asyncio.timeout(seconds) as timeout,
                self._answer("POST", path, File(size, watched())) as response,
            ):
                if response.status_code not in (200, 201):
                    raise self._refusal(model, response, await limited(response, MAX_ERROR_BYTES))
        except TimeoutError:
            raise StreamCut(self._about, f"it took nothing of the file for {seconds:g} s") from None

    # --- answers that stream ---

    async def states(
        self, path: str, asked: Values, model: str, read: Callable[[bytes], State]
    ) -> AsyncGenerator[State, None]:
        """Yield what `read` makes of each line of an answer that is no chat. Closing it closes the connection."""
        lines, seconds, loop = LineBuffer(), self._patience.first_token, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds) as timeout, self._answer("POST", path, asked) as response:
                await self._check(response, model)
                async for chunk in response.aiter_raw():
                    for line in lines.feed(chunk):
                        timeout.reschedule(loop.time() + seconds)
                        yield read(line)
                if last := lines.rest():
                    yield read(last)
        except TimeoutError:
            raise StreamCut(self._about, f"nothing came for {seconds:g} s") from None
        except TooLong as error:
            raise LineTooLong(self._about, error.length, MAX_LINE_BYTES) from None

    async def stream(self, request: Request, reader: Reader) -> AsyncGenerator[Piece, None]:
        """Yield the pieces of an answer; the last one has `end`. Closing the generator closes the connection.

        Only what the model wrote, and the progress that the server reports, counts as a sign of life.
        """
        begun, loop = False, asyncio.get_running_loop()
        yield Piece(progress=request.begin)
        try:
            async with (
                asyncio.timeout(self._patience.first_token) as timeout,
                self._answer("POST", request.path, request.body) as response,
            ):
                await self._check(response, request.model)
                if request.accepted:
                    yield Piece(progress=request.accepted)
                async for piece in self._pieces(response, reader):
                    begun = begun or piece.written
                    seconds = self._patience.idle if begun else self._patience.first_token
                    timeout.reschedule(loop.time() + seconds)
                    yield piece
                    if piece.end:
                        return
        except TimeoutError:
            waited = self._patience.idle if begun else self._patience.first_token
            raise AnswerTimeout(self._about, request.model, waited, begun) from None
        raise StreamCut(self._about, "nothing said that the answer is done")

    async def _pieces(self, response: httpx.Response, reader: Reader) -> AsyncGenerator[Piece, None]:
        lines = LineBuffer()
        try:
            async for chunk in response.aiter_raw():
                for line in lines.feed(chunk):
                    for piece in reader.read(line):
                        yield piece
        except TooLong as error:
            raise LineTooLong(self._about, error.length, MAX_LINE_BYTES) from None
        for piece in self._last_line(lines.rest(), reader):
            yield piece
        for piece in reader.finish():
            yield piece

    def _last_line(self, line: bytes, reader: Reader) -> list[Piece]:
        """Return the pieces in a last line without a newline. It is complete, or else the stream was cut in it."""
        try:
            return list(reader.read(line)) if line else []
        except WrongProtocol:
            if line.lstrip().startswith(MARKUP):
                raise
            raise StreamCut(self._about, "in the middle of a line") from None

    @asynccontextmanager
    async def _answer(self, method: str, path: str, asked: Values | File | None) -> AsyncIterator[httpx.Response]:
        """Send a request. Turn errors of the connection, now or while the answer is read, into a `ServerProblem`.

        No problem that is raised inside shows the key.
        """
        key = self._key()
        headers = {"Authorization": f"{BEARER}{key}"} if key else {}
        headers |= {"Content-Length": str(asked.size)} if isinstance(asked, File) else {}
        content = asked.chunks if isinstance(asked, File) else encoded(asked)
        try:
            async with self._client.stream(method, path, content=content, headers=headers) as response:
                if response.has_redirect_location:
                    raise Redirected(self._about, response.status_code, response.headers["location"])
                yield response
        except ServerProblem as problem:
            problem.hide(key)
            raise
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise ServerAbsent(self._about, reason(error)) from error
        except httpx.PoolTimeout as error:
            raise Refused(self._about, "one more chat", 503, f"{STREAMS} are running already") from error
        except httpx.HTTPError as error:
            raise StreamCut(self._about, reason(error)) from error

    # --- refusals ---

    async def _check(self, response: httpx.Response, model: str) -> None:
        if response.status_code == 200:
            return
        raise self._refusal(model, response, await limited(response, MAX_ERROR_BYTES))

    def _refusal(self, model: str, response: httpx.Response, body: bytes) -> ServerProblem:
        """Return the problem that an answer with another status than 200 tells."""
        status, text = response.status_code, body.decode(errors="replace")
        key = response.request.headers.get("Authorization", "").removeprefix(BEARER)
        text = text.replace(key, HIDDEN) if key else text  # some servers quote the key that they refuse
        value = decoded(text.encode()) or {}
        if type(address := value.get("signin_url")) is str and address:
            return SignInWanted(self._about, model, address)
        said = error_in(text).replace(key, HIDDEN) if key else error_in(text)  # it may have been escaped in JSON
        if status == 401:
            return KeyRefused(self._about, status, said, given=bool(key))
        if status == 404 and model and "model" in said.lower() and names_a_missing_model(said.lower()):
            return ModelMissing(self._about, model)
        return Refused(self._about, model, status, said)


def trusted_authorities() -> ssl.SSLContext:
    """Return the certificates that are trusted: those in SSL_CERT_FILE or SSL_CERT_DIR, else those that are usual."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not (file or folder):
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    except (OSError, ssl.SSLError) as error:
        way_out = "It must be a file with certificates (PEM). Correct it, or unset it"
        raise BadSetting("SSL_CERT_FILE", file or folder, f"cannot be read ({error})", way_out) from error


def names_a_missing_model(said: str) -> bool:
    """Return whether the error of a 404 is about the model, and not about the path."""
    return any(words in said for words in ("not found", "not exist", "no such", "unknown model"))


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
    """Return the sentence in a server's error object, or the text itself if it is not such an object.

    `{"error": "…"}` (Ollama), `{"error": {"message": "…"}}` (OpenAI), `{"message": "…"}`, `{"detail": "…"}` (others).
    """
    value = decoded(text.encode()) or {}
    found = member(value, "error").get("message") or value.get("error") or value.get("message") or value.get("detail")
    return str(found or text.strip() or "it gave no reason")


def reason(error: BaseException) -> str:
    """Return the reason why a connection failed, in a few words."""
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection after {CONNECT_SECONDS:g} s"
    if isinstance(error, httpx.ConnectError) and "All connection attempts failed" in str(error):
        return "connection refused"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted; SSL_CERT_FILE can name the file of an authority of your own"
    if isinstance(error, httpx.ReadError | httpx.WriteError):
        return str(error) or "the connection was reset"
    return str(error) or type(error).__name__
