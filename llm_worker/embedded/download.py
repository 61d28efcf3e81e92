"""Get a file from a host of model files: with progress, continued where it ended, checked, and only over https.

The host answers `/REPOSITORY/resolve/main/FILE` with a redirection to where the bytes are, and tells size and SHA-256
of the file in the headers `X-Linked-Size` and `X-Linked-ETag`. A plain web server that has the files will do as well.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from bus.errors import BadSetting
from bus.servers.tables import is_loopback
from llm_worker.contract import Pulled
from llm_worker.embedded.partial import PartialFile
from llm_worker.http import reason, trusted_authorities
from llm_worker.problems import DownloadFailed

MOST_REDIRECTIONS = 5
SILENT_SECONDS = 60.0
CONNECT_SECONDS = 15.0
TOLD_SECONDS = 0.25
"""Time between two reports of progress."""
SHA256 = re.compile(r"[0-9a-f]{64}")
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)", re.ASCII)
REDIRECTIONS = (301, 302, 303, 307, 308)


@dataclass(slots=True)
class Linked:
    """What the host told of the file, on the way to its bytes."""

    size: int = 0
    sha256: str = ""

    def note(self, headers: Mapping[str, str]) -> None:
        """Take what an answer tells; of several the first, which is the host's own."""
        size, etag = headers.get("X-Linked-Size", ""), headers.get("X-Linked-ETag", "").strip('"').lower()
        self.size = self.size or (int(size) if size.isascii() and size.isdigit() else 0)
        self.sha256 = self.sha256 or (etag if SHA256.fullmatch(etag) else "")


class Download:
    """One download of one file."""

    def __init__(self, address: str, target: Path, model: str, sha256: str = "") -> None:
        """`address`: URL of the file. `sha256`: as we know it; it wins over what the host tells."""
        self._address = address
        self._model = model
        self._sha256 = sha256
        self._linked = Linked()
        self._file = PartialFile(target, model)

    async def run(self) -> AsyncGenerator[Pulled, None]:
        """Yield how far it is. Closing the generator stops it; a later one goes on there. Raises `DownloadFailed`."""
        try:
            async with aclosing(self._come()) as states:
                async for state in states:
                    yield state
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise DownloadFailed(self._model, f"{host_of(self._address)}: {reason(error)}") from error
        except BadSetting as bad:
            raise DownloadFailed(self._model, str(bad), "Then try again.") from bad
        finally:
            self._file.close()

    async def _come(self) -> AsyncGenerator[Pulled, None]:
        async with self._client() as client:
            yield Pulled(note=f"asking {host_of(self._address)}")
            response = await self._continued(client) or await self._found(client, {})
            try:
                host, total = host_of(str(response.url)), await self._begin(response)
                yield Pulled(self._file.size, total, "downloading", host)
                said = time.monotonic()
                async for chunk in response.aiter_raw():
                    if total and self._file.size + len(chunk) > total:
                        raise DownloadFailed(self._model, f"{host} sends more than the {total:,} bytes that it told")
                    self._file.write(chunk)
                    if time.monotonic() - said > TOLD_SECONDS:
                        said = time.monotonic()
                        yield Pulled(self._file.size, total, "downloading", host)
                        await asyncio.sleep(0)
            finally:
                await response.aclose()
            yield Pulled(self._file.size, total, "checking", host)
            await self._file.complete(total, self._sha256 or self._linked.sha256)
            yield Pulled(self._file.size, self._file.size, "done", host)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={"Accept-Encoding": "identity", "User-Agent": "pianola"},
            timeout=httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS),
            verify=trusted_authorities(),
            trust_env=False,
            follow_redirects=False,  # each one is checked first
        )

    # --- the answer ---

    async def _continued(self, client: httpx.AsyncClient) -> httpx.Response | None:
        """Return the answer with the rest of what is there; None, with nothing there, to begin from the start."""
        etag, length = self._file.etag, self._file.length
        if not etag or etag.startswith("W/"):
            return None
        response = await self._found(client, {"Range": f"bytes={length}-", "If-Range": etag})
        same = response.headers.get("ETag") == etag and place_of(response)[0] == length
        if response.status_code != 416 and (response.status_code != 206 or same):
            return response
        await response.aclose()
        self._file.discard()
        return None

    async def _found(self, client: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
        """Return the answer that has the bytes, after at most five redirections."""
        address = self._address
        for _ in range(MOST_REDIRECTIONS + 1):
            self._check_address(address)
            response = await client.send(client.build_request("GET", address, headers=headers), stream=True)
            self._linked.note(response.headers)
            if response.status_code not in REDIRECTIONS or "Location" not in response.headers:
                return response
            await response.aclose()
            address = urljoin(address, response.headers["Location"])
        raise DownloadFailed(
            self._model, f"{host_of(self._address)} redirects more than {MOST_REDIRECTIONS} times", OTHER_HOST
        )

    def _check_address(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(address) and is_loopback(self._address)):
            return
        raise DownloadFailed(
            self._model, f"{host_of(self._address)} leads to {address:.200}, which is not https", OTHER_HOST
        )

    async def _begin(self, response: httpx.Response) -> int:
        """Open the file for what comes; return the bytes of the whole file, 0 if nobody told."""
        status, headers = response.status_code, response.headers
        if status not in (200, 206):
            raise DownloadFailed(self._model, f"{host_of(str(response.url))} answers HTTP {status}", way_out_of(status))
        begin, total = place_of(response)
        if self._linked.size and total and self._linked.size != total:
            raise DownloadFailed(
                self._model, f"{self._linked.size:,} bytes were told, and {total:,} would come", OTHER_HOST
            )
        total = total or self._linked.size
        await self._file.open(continued=begin > 0, etag=headers.get("ETag", ""), total=total)
        return total


OTHER_HOST = "PIANOLA_MODEL_HOST can name another host that has the file."


def place_of(response: httpx.Response) -> tuple[int, int]:
    """Return where in the file an answer begins, and how long the file is (0: unknown)."""
    found = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status_code == 206 and found:
        return int(found[1]), int(found[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isascii() and length.isdigit() else 0


def host_of(address: str) -> str:
    """Return the host in a URL."""
    return urlsplit(address).hostname or address


def way_out_of(status: int) -> str:
    """Return what to do about a refusal."""
    if status in (404, 410):
        return f"The file may have been moved. {OTHER_HOST}"
    if status in (401, 403, 451):
        return f"It wants something that we do not have. {OTHER_HOST}"
    return ""
