"""Put a player of our own into Ollama: get its base, join both in one file, send it, have Ollama make a model of it.

Ollama loads no adapters beside weights any more, so it is given one file. The page “API” of the Ollama project has the
two requests: a file is sent to /api/blobs/DIGEST, and /api/create names it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

from bus.messages import Values
from bus.settings import Settings
from llm_worker.contract import About, Pulled
from llm_worker.embedded.catalogue import PLAYERS
from llm_worker.embedded.getting import download_of
from llm_worker.embedded.library import Library
from llm_worker.http import Connection
from llm_worker.merge import installed
from llm_worker.merge.merged_file import MergedFile
from llm_worker.ollama.pulling import PullReader
from llm_worker.player_cards import BadCard, PlayerCard, read_cards
from llm_worker.problems import DownloadFailed, MergeMissing, PullFailed

TEMPLATE = """\
{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
"""
"""How messages are written for all our bases, in Ollama's notation: what their own templates write without tools."""
STOP = "<|im_end|>"
TOLD_SECONDS = 0.25
"""Time between two reports of progress."""


def player_named(model: str) -> PlayerCard | None:
    """Return the player of this name, None for any other model."""
    return next((card for card in read_cards()[0] if card.name == model.partition(":")[0]), None)


class PlayerImport:
    """One import of one player."""

    def __init__(self, card: PlayerCard, settings: Settings, about: About, connection: Connection) -> None:
        """`connection`: to Ollama; `about`: which one, for the sentences of errors."""
        self._card = card
        self._settings = settings
        self._about = about
        self._connection = connection
        self._library = Library(settings)
        self._own_folder = self._library.folder / ".for-ollama"
        """Where a base is got to that the user has not: it is no model of the embedded engine, and goes in the end."""

    async def run(self) -> AsyncGenerator[Pulled, None]:
        """Yield how far it is. Closing the generator stops it; of a download that is not complete it goes on later."""
        if not installed():
            raise MergeMissing(self._card.title)
        base = await asyncio.to_thread(self._base_here)
        if not base:
            base = self._own_folder / self._card.base.file
            async with aclosing(self._download()) as states:
                async for state in states:
                    yield state
        try:
            with MergedFile(self._card, self._library.folder) as merged:
                for work in (merged.make(base), self._send(merged), self._create(merged)):
                    async with aclosing(work) as states:
                        async for state in states:
                            yield state
        except BadCard as bad:
            raise DownloadFailed(self._card.title, str(bad), "Then try again.") from bad
        await asyncio.to_thread(self._throw_base_away)

    # --- the base ---

    def _base_here(self) -> Path | None:
        """Return the file of the base, if the user or an earlier import has got it."""
        for one in self._library.read()[0]:
            if one.player and one.player.name == self._card.name:
                return one.path
        got = self._own_folder / self._card.base.file
        return got if got.is_file() and got.stat().st_size == self._card.base.size else None

    async def _download(self) -> AsyncGenerator[Pulled, None]:
        known = next((one for one in PLAYERS if one.player == self._card.name), None)
        if known is None:
            raise DownloadFailed(self._card.title, f"nobody offers its base {self._card.base.file}", PUT_IT_THERE)
        self._library.folder.mkdir(mode=0o700, exist_ok=True)
        async with aclosing(download_of(known, self._own_folder, self._settings.model_host).run()) as states:
            async for state in states:
                yield state

    def _throw_base_away(self) -> None:
        """Remove what was got for the import alone: Ollama has all of it now."""
        (self._own_folder / self._card.base.file).unlink(missing_ok=True)
        if self._own_folder.is_dir() and not any(self._own_folder.iterdir()):
            self._own_folder.rmdir()

    # --- to Ollama ---

    async def _send(self, merged: MergedFile) -> AsyncGenerator[Pulled, None]:
        path, sent = f"/api/blobs/sha256:{merged.sha256}", 0
        if await self._connection.has(path):
            return

        async def counted() -> AsyncIterator[bytes]:
            nonlocal sent
            async for chunk in merged.chunks():
                yield chunk
                sent += len(chunk)

        sending = asyncio.create_task(self._connection.send(path, merged.size, counted(), self._card.name))
        try:
            while not sending.done():
                yield Pulled(sent, merged.size, "giving it to Ollama")
                await asyncio.wait((sending,), timeout=TOLD_SECONDS)
            sending.result()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _create(self, merged: MergedFile) -> AsyncGenerator[Pulled, None]:
        asked = creation(self._card, merged.sha256)
        reader = PullReader(self._about, self._card.name)
        async with aclosing(self._connection.states("/api/create", asked, self._card.name, reader.read)) as states:
            async for state in states:
                yield Pulled(merged.size, merged.size, state.note)
        if not reader.succeeded:
            raise PullFailed(self._about, self._card.name, "it broke off before the end")


def creation(card: PlayerCard, sha256: str) -> Values:
    """Return the body of the request to make a model of a file that was sent."""
    return {
        "model": card.name,
        "files": {f"{card.name}.gguf": f"sha256:{sha256}"},
        "template": TEMPLATE,
        "parameters": {"stop": [STOP]},
        "license": card.base.licence,
        "stream": True,
    }


PUT_IT_THERE = "Put that file into `models` of the data folder, then try again."
