"""Get one page: one request, no redirect followed, a body of bounded size, in bounded time."""

import asyncio
import os
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpcore
import httpx

from apps.links.crawl.network import CheckedNetwork, Unreachable

USER_AGENT = "pianola/0.1 (a link crawler that a person runs on their own machine)"
HEADERS = [("User-Agent", USER_AGENT), ("Accept-Encoding", "gzip"), ("Accept", "*/*")]
PAGE_SECONDS = 15.0
"""Longest time for a page, from the request to its last byte."""
LARGEST_BODY = 2 * 1024 * 1024
AT_ONCE = 8
"""Most requests at one time."""
REDIRECTS = (301, 302, 303, 307, 308)
LOST = (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError)
"""How a request fails on a connection that the server has closed meanwhile."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. `body`: empty if its type was not wanted; `cut`: it went on beyond the largest size."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    cut: bool = False
    seconds: float = 0.0

    @property
    def leads_to(self) -> str:
        """Where a redirect leads, as written by the server; "" for no redirect."""
        return self.headers.get("location", "") if self.status in REDIRECTS else ""


class Fetcher:
    """Gets pages over kept connections. Ignores proxies of the environment."""

    def __init__(self, *, private: bool, page_seconds: float = PAGE_SECONDS) -> None:
        """`private`: whether addresses that are not public may be asked."""
        self._page_seconds = page_seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trusted_authorities(),
            max_connections=2 * AT_ONCE,
            max_keepalive_connections=AT_ONCE,
            keepalive_expiry=10.0,
            network_backend=CheckedNetwork(private=private),
        )

    async def __aenter__(self) -> Self:
        """Use it as a context manager: at its end all connections are closed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def get(self, url: str, types: tuple[str, ...] = (), largest: int = LARGEST_BODY) -> Answer:
        """Ask for a URL; raises `Unreachable`. `types`: of the bodies that are read; empty: all."""
        try:
            async with asyncio.timeout(self._page_seconds):
                try:
                    return await self._get(url, types, largest)
                except LOST:
                    return await self._get(url, types, largest)
        except TimeoutError:
            raise Unreachable(f"it was not complete after {self._page_seconds:g} s") from None
        except httpcore.ConnectError as error:
            raise Unreachable(connection_problem(error)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, ssl.SSLError) as error:
            raise Unreachable(f"the connection broke ({str(error) or type(error).__name__})") from None
        except zlib.error:
            raise Unreachable("its compressed body is damaged") from None

    async def _get(self, url: str, types: tuple[str, ...], largest: int) -> Answer:
        begun = time.monotonic()
        headers = [("Host", urlsplit(url).netloc), *HEADERS]
        async with self._pool.stream("GET", url, headers=headers) as response:
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            kind = told.get("content-type", "").partition(";")[0].strip().lower()
            wanted = not types or not kind or kind in types
            encoding, chunks = told.get("content-encoding", ""), response.aiter_stream()
            body = await limited(chunks, encoding, largest + 1) if wanted else b""
        seconds = time.monotonic() - begun
        return Answer(response.status, told, body[:largest], len(body) > largest, seconds)


async def limited(chunks: AsyncIterator[bytes], encoding: str, most: int) -> bytes:
    """Return the first `most` bytes of a body, unpacked. What is small and unpacks to a giant is cut as well."""
    unpacking: Any = zlib.decompressobj(47) if encoding.lower() in ("gzip", "x-gzip", "deflate") else None
    parts, size = [], 0
    async for chunk in chunks:
        part = unpacking.decompress(chunk, most - size) if unpacking else chunk
        parts.append(part)
        size += len(part)
        if size >= most:
            break
    return b"".join(parts)[:most]


def connection_problem(error: Exception) -> str:
    """Return why no connection came about, in words."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not trusted"
    return f"there is no connection ({text})" if text else "there is no connection"


def trusted_authorities() -> ssl.SSLContext:
    """Return the certificates that are trusted: those in SSL_CERT_FILE or SSL_CERT_DIR, else those that are usual."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    return httpx.create_ssl_context(trust_env=False)
