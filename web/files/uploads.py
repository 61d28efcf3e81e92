"""Receive a file for an import: save it, check it, and insert a row with the preview into the table `import`.

Nothing is imported here: the page shows the preview in that row, and the user decides.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from apps.core import CORE
from apps.tables import Row, Table
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.files.exports import profile_names
from web.files.importer import Importer
from web.files.preview import Preview, check_file
from web.files.sheets import BadSheet
from web.live.hub import Hub
from web.state.limits import LARGEST_FILE_BYTES
from web.state.page_view import profile_in

SILENT_SECONDS = 30.0
"""An upload that sends nothing for so long is ended."""
LONGEST_NAME = 100
UNREAD = "The file could not be read, because of a mistake in Pianola. Nothing was imported. The log web.log says more."

UNKEPT = "The file could not be kept for the import: {}. Nothing was imported. Make room on the disk, then try again."


class BadUpload(PianolaError):
    """A file was refused. `status`: of the HTTP answer."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Uploads:
    """The handler of the route."""

    def __init__(self, hub: Hub, importer: Importer) -> None:
        """`importer`: has the folder of uploaded files."""
        self._hub = hub
        self._importer = importer

    async def take(self, request: Request) -> Response:
        """Receive the body as a file; answer with the id of the import, or with a sentence."""
        try:
            table = self._table(str(request.path_params["name"]))
            row = await self._receive(request, table)
        except BadUpload as problem:
            return PlainTextResponse(str(problem), problem.status, {"Connection": "close"})
        except BadSheet as problem:
            return PlainTextResponse(str(problem), HTTPStatus.UNPROCESSABLE_ENTITY)
        except PianolaError as problem:
            return PlainTextResponse(str(problem), HTTPStatus.SERVICE_UNAVAILABLE)
        except OSError as problem:  # the disk is full, or the folder cannot be written
            return PlainTextResponse(UNKEPT.format(problem.strerror), HTTPStatus.INSUFFICIENT_STORAGE)
        except Exception as problem:  # the dialog shows a sentence, and not the page of an error
            request.app.state.log_error(f"a file could not be read for an import: {problem!r:.200}", problem)
            return PlainTextResponse(UNREAD, HTTPStatus.INTERNAL_SERVER_ERROR)
        return PlainTextResponse(str(row["id"]), HTTPStatus.CREATED)

    def _table(self, name: str) -> Table:
        registry = self._hub.registry
        table = registry.tables.get(name)
        if table is None or table in CORE or registry.app_of(name) is None:
            raise BadUpload(HTTPStatus.NOT_FOUND, f"No app has a table {name!r:.60} into which rows could be imported.")
        return table

    async def _receive(self, request: Request, table: Table) -> Row:
        kept = secrets.token_hex(16)
        path = self._importer.folder / kept
        try:
            await receive(request, path)
            target = profile_in(self._hub.shared.settings)
            profiles = {name: key for key, name in (await profile_names(self._hub.bus)).items()}
            preview = await asyncio.to_thread(check_file, path, table, profiles, target)
            return await self._insert(file_name(request), kept, table, target, preview)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    async def _insert(self, name: str, kept: str, table: Table, target: int, preview: Preview) -> Row:
        values = {
            "file": f"{name} ({preview.program})" if preview.program else name,
            "kept": kept,
            "subject": table.name,
            "target": target,
            "rows": preview.rows,
            "bad": preview.bad,
            "detail": preview.detail(),
        }
        order = StoreOrder(verb="insert", table="import", values=values)
        answer = await ask_store(self._hub.bus, order, id=f"upload-{kept}")
        row: Row = answer.rows[0]
        return row


def file_name(request: Request) -> str:
    """Return the name of the user's file, without folders and control characters."""
    name = request.query_params.get("file", "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME] or "a file without a name"


async def receive(request: Request, path: Path, most: int = LARGEST_FILE_BYTES) -> None:
    """Write the body into a file that only this user can read; raises `BadUpload` beyond `most` bytes."""
    if int(request.headers.get("content-length", "0")) > most:
        raise too_large(most)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        try:
            await write_all(limited(request.stream(), most), file)
        except ClientDisconnect:
            raise BadUpload(HTTPStatus.BAD_REQUEST, "The upload was interrupted. Nothing was imported.") from None
        except TimeoutError:
            raise BadUpload(
                HTTPStatus.REQUEST_TIMEOUT, "The upload sent nothing for a while, so it was ended."
            ) from None


async def limited(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """Return the pieces of a body; raises `BadUpload` beyond `most` bytes."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise too_large(most)
        yield chunk


async def write_all(chunks: AsyncIterator[bytes], file: BinaryIO) -> None:
    """Write each piece when it comes; raises `TimeoutError` after `SILENT_SECONDS` without one."""
    while True:
        async with asyncio.timeout(SILENT_SECONDS):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        file.write(chunk)


def too_large(most: int) -> BadUpload:
    """Return the refusal of a file that is too large. `most`: bytes that a file may have."""
    size = f"{most // 1024**2} MB"
    return BadUpload(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The file is larger than {size}, which is the most that can be imported at once. Split it into parts.",
    )
