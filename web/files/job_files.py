"""Files of jobs: those that a job has made are sent to the browser, and a file for a job is received."""

import asyncio
import secrets
import time
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from apps.work import made_files
from apps.work.uploads import FOLDER, LARGEST_BYTES
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.files.exports import disposition
from web.files.uploads import UNKEPT, BadUpload, receive
from web.live.hub import Hub
from web.sign_in.pages import sentence_page

TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
    "graphml": "application/graphml+xml",
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "gz": "application/gzip",
}
IN_THE_PAGE = ("json", "txt")
"""Kinds that the page's scripts read; others are saved as files."""
KEPT_SECONDS = 24 * 3600
"""How long an upload is kept that no job takes."""


class JobFiles:
    """The handlers of the routes."""

    def __init__(self, hub: Hub) -> None:
        """`hub`: has the bus and the settings."""
        self._hub = hub
        self._folder = hub.process_settings.jobs

    async def send(self, request: Request) -> Response:
        """Send a file that a job has made; only of jobs that exist."""
        job, name = str(request.path_params["job"]), str(request.path_params["name"])
        path = self._folder / job / made_files.FOLDER / name
        if not (job.isascii() and job.isdecimal() and len(job) < 18 and made_files.NAME.fullmatch(name)):
            return sentence_page(HTTPStatus.NOT_FOUND, "There is no such file of a job.")
        try:
            rows = (await ask_store(self._hub.bus, StoreOrder(verb="list", table="job", where={"id": int(job)}))).rows
        except PianolaError as problem:
            return sentence_page(HTTPStatus.SERVICE_UNAVAILABLE, f"{problem} Then try again.")
        if not rows or not await asyncio.to_thread(made_files.is_plain, path):
            return sentence_page(HTTPStatus.NOT_FOUND, f"The job {job} has no file {name} (any more).")
        ending = name.rpartition(".")[2]
        headers = {} if ending in IN_THE_PAGE else {"Content-Disposition": disposition(f"job-{job}-{name}")}
        return FileResponse(path, media_type=TYPES[ending], headers=headers)

    async def take(self, request: Request) -> Response:
        """Keep the body as a file for a job; answer with the name under which it is kept."""
        folder, kept = self._folder / FOLDER, secrets.token_hex(16)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            await asyncio.to_thread(forget_old, folder)
            await receive(request, folder / kept, LARGEST_BYTES)
        except BadUpload as problem:
            (folder / kept).unlink(missing_ok=True)
            return PlainTextResponse(str(problem), problem.status, {"Connection": "close"})
        except OSError as problem:  # the disk is full, or the folder cannot be written
            (folder / kept).unlink(missing_ok=True)
            return PlainTextResponse(UNKEPT.format(problem.strerror), HTTPStatus.INSUFFICIENT_STORAGE)
        return PlainTextResponse(kept, HTTPStatus.CREATED)


def forget_old(folder: Path) -> None:
    """Delete uploads that no job has taken."""
    for file in folder.glob("*") if folder.is_dir() else ():
        if time.time() - file.stat().st_mtime > KEPT_SECONDS:
            file.unlink(missing_ok=True)
