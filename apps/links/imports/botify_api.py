"""Ask Botify's API, and say in a sentence what did not fit. The key is in no sentence, and goes to no other host."""

import asyncio
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx

from apps.links.crawl.fetch import trusted_authorities
from apps.work.progress import JobFailed, Progress

KEY = "botify"
"""Name of the key in `keys.toml`."""
ANSWER_SECONDS = 60.0
LARGEST_ANSWER = 4_000_000
LARGEST_FILE = 500_000_000
"""Bytes of an export as it is sent, packed."""
LONGEST_WAIT_SECONDS = 300.0
"""A longer `Retry-After` is told to the user, who retries later."""
MOST_WAITS = 5
LONGEST_QUOTE = 200
"""Characters of an answer in a sentence."""
USUAL_WAIT_SECONDS = 30.0
JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)


class NotStarted(JobFailed):
    """Botify refused a request, or was not reached: nothing was begun."""


class Gone(Exception):
    """The address of a download does not hold any more, or the connection broke. The text is the reason."""


class Botify:
    """Botify's API, with the user's key. Use it as a context manager."""

    def __init__(self, progress: Progress) -> None:
        """Raises `JobFailed` when there is no key that can be sent."""
        self._progress = progress
        self._base = progress.settings["botify_host"]
        self._key = progress.keys.get(KEY, "").strip()
        if not self._key or not self._key.isascii() or not self._key.isprintable():
            state = "cannot be sent: it has characters that no key has" if self._key else "is not there"
            raise JobFailed(f"The key of Botify {state}. {SET_KEY}, then press Retry.")
        self._client = httpx.AsyncClient(trust_env=False, verify=trusted_authorities(), timeout=ANSWER_SECONDS)

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def get(self, path: str, what: str) -> Any:
        """Return what is at a path of the API, or at a full address below it. `what`: it is, for sentences."""
        url = path if path.startswith(f"{self._base}/") else self._base + path
        return await self._asked(lambda: self._client.build_request("GET", url), what)

    async def post(self, path: str, data: Any, what: str) -> Any:
        """Return the answer to a question; raises `NotStarted` if Botify refused it, else `JobFailed`."""
        return await self._asked(lambda: self._client.build_request("POST", self._base + path, json=data), what)

    async def _asked(self, request: Callable[[], httpx.Request], what: str) -> Any:
        for _ in range(MOST_WAITS):
            made = request()
            made.headers["Authorization"] = f"Token {self._key}"
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await self._client.send(made, stream=True)
                    body = await limited(answer)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                raise NotStarted(f"Botify cannot be reached at {self._base}: {self.quoted(error)}. {RETRY}") from None
            except (httpx.HTTPError, TimeoutError) as error:
                reason = self.quoted(error) or "no answer in time"
                raise JobFailed(f"Botify did not answer ({what}): {reason}. {RETRY}") from None
            if answer.status_code != 429:
                return self._read(answer, body, what)
            await self._wait(answer.headers.get("Retry-After", ""))
        raise NotStarted(f"Botify says again and again that it was asked too often (HTTP 429, {what}). {RETRY_LATER}")

    async def _wait(self, told: str) -> None:
        """Wait as long as Botify asks for."""
        seconds = float(told) if told.isascii() and told.isdecimal() else USUAL_WAIT_SECONDS
        if seconds > LONGEST_WAIT_SECONDS:
            raise NotStarted(f"Botify was asked too often, and wants a pause of {seconds:,.0f} s. {RETRY_LATER}")
        self._progress.at(0, 0, f"Botify asks for a pause of {seconds:.0f} s")
        await asyncio.sleep(seconds)

    def _read(self, answer: httpx.Response, body: bytes, what: str) -> Any:
        status, said = answer.status_code, self.quoted(body.decode(errors="replace"))
        if 400 <= status < 500:
            problem, way_out = REFUSALS.get(status, (f"Botify refused this ({what})", ""))
            raise NotStarted(" ".join(f"{problem} (HTTP {status}: {said}). {way_out} {RETRY}".split()))
        if status not in (200, 201, 202):
            raise JobFailed(f"Botify answered HTTP {status} ({what}): {said}. {RETRY}")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise JobFailed(f"Botify's answer ({what}) is no JSON: {said}. {RETRY}") from None

    def quoted(self, found: object) -> str:
        """Return something as a short text, without the key."""
        text = found if isinstance(found, str | Exception) else json.dumps(found, ensure_ascii=False)
        return " ".join(str(text).replace(self._key, "…").split())[:LONGEST_QUOTE]

    def unfit(self, what: str, field: str, found: object, expected: str) -> JobFailed:
        """Return the error for an answer that has not the expected shape."""
        shown = self.quoted(found)
        return JobFailed(f"Botify's answer ({what}) does not fit: `{field}` is {shown}. Expected {expected}.")

    async def download(self, url: str, path: Path) -> None:
        """Get a file; raises `Gone` or `JobFailed`. The key is not sent: the address is not always Botify's."""
        part = path.with_suffix(".part")
        size = 0
        try:
            async with self._client.stream("GET", self._checked(url)) as answer:
                if answer.status_code != 200:
                    raise Gone(f"HTTP {answer.status_code}")
                with part.open("wb") as file:
                    async for chunk in answer.aiter_raw():
                        size += len(chunk)
                        if size > LARGEST_FILE:
                            raise JobFailed(f"The export has more than {LARGEST_FILE:,} bytes. Choose fewer clicks.")
                        file.write(chunk)
                        self._progress.at(size, int(answer.headers.get("Content-Length", "0")), "downloading")
                    file.flush()
                    os.fsync(file.fileno())
        except httpx.HTTPError as error:
            raise Gone(self.quoted(error) or type(error).__name__) from None
        start = first_bytes(part)
        if start.lstrip()[:1] == b"<":
            shown = self.quoted(start.decode(errors="replace"))
            raise JobFailed(f"Botify sent a page instead of the export: {shown}. {RETRY}")
        part.replace(path)

    def _checked(self, url: str) -> str:
        """Return the address of a download; raise `JobFailed` for one that is not asked."""
        full = urljoin(f"{self._base}/", url)
        base, parts = urlsplit(self._base), urlsplit(full)
        if parts.scheme != "https" and (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
            raise self.unfit("the export", "download_url", url, "an address of https")
        return full


SET_KEY = "Set it in the app Links, at “Import from Botify”"
REFUSALS = {
    401: ("Botify does not accept the key", f"It is wrong, or has expired. {SET_KEY}."),
    403: ("The key may not read this project", "Check the user and the project, and what the key allows."),
    404: ("Botify does not know this user, project, analysis or export", "Check how they are spelled."),
}
"""What is wrong, and the way out, by the status of an answer."""
RETRY = "Retry goes on where it was."
RETRY_LATER = "Press Retry later: it goes on where it was."


async def limited(answer: httpx.Response) -> bytes:
    """Return a body, cut at the largest size that any answer has."""
    parts, size = [], 0
    try:
        async for chunk in answer.aiter_bytes():
            parts.append(chunk)
            size += len(chunk)
            if size > LARGEST_ANSWER:
                break
    finally:
        await answer.aclose()
    return b"".join(parts)


def first_bytes(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(200)
