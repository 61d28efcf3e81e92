"""Notice that messages were lost, and load again what they would have said."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from apps.own.loading import OwnApps
from bus.errors import PianolaError
from bus.messages import ServiceAsked
from bus.store_client import ask_store
from web.live.lost_profile import ensure_profile
from web.live.queries import Reader, Wanted
from web.live.shared import Shared
from web.state.window import AppWindow

LATE_SECONDS = 1.0
"""If a fact has not come so long after an answer that contains it, it was lost."""
PAUSE_SECONDS = 1.0
"""Before the store is asked again when it did not answer."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class CatchUp:
    """Compares the revisions in the store's answers with those of the facts heard, and loads the settings."""

    def __init__(
        self,
        shared: Shared,
        reader: Reader,
        own: OwnApps,
        spawn: Spawn,
        *,
        on_missed: Callable[[], None],
        on_loaded: Callable[[Mapping[str, Any]], None],
    ) -> None:
        """`own`: loaded with the settings. `on_missed`: called when messages may have been lost.

        `on_loaded`: gets all settings, whenever they were read: at the start, and after each loss.
        """
        self._loaded = asyncio.Event()
        self._shared = shared
        self._reader = reader
        self._own = own
        self._spawn = spawn
        self._on_missed = on_missed
        self._on_loaded = on_loaded
        self._loading = False

    @property
    def loaded(self) -> bool:
        """Whether settings and own apps have been read from the store."""
        return self._loaded.is_set()

    async def until_loaded(self, seconds: float) -> None:
        """Wait until they are read, but not longer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._loaded.wait()

    @property
    def known_revision(self) -> int:
        """Revision of the store up to which everything is known; -1 before the first load."""
        return self._shared.revision if self.loaded else -1

    def missed(self) -> None:
        """Ask for everything again: messages may have been lost."""
        self._reader.bus.say(ServiceAsked())
        self._on_missed()
        self.load()

    async def newest_revision(self) -> int:
        """Return the revision of the store, as soon as it answers."""
        while True:
            try:
                return (await self._reader.settings()).revision
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(PAUSE_SECONDS)

    def expect(self, revision: int) -> None:
        """Check, a moment later, whether the facts up to a revision were heard."""
        if revision > self._shared.revision:
            asyncio.get_running_loop().call_later(LATE_SECONDS, self._check_heard, revision)

    def _check_heard(self, revision: int) -> None:
        if revision > self._shared.revision:
            self._shared.revision = revision
            self.missed()

    def load(self) -> None:
        """Read the settings, as soon as the store answers."""
        if not self._loading:
            self._loading = True
            self._spawn(self._load(), "load settings")

    async def _load(self) -> None:
        try:
            await self._load_settings()
        finally:
            self._loading = False
        with contextlib.suppress(PianolaError):  # the store is away again; the next load tries once more
            await ensure_profile(self._reader, f"profile-at-{self._reader.bus.run}-{self._shared.revision}")

    async def _load_settings(self) -> None:
        snapshot = None
        while snapshot is None:
            try:
                read = await self._reader.snapshot((), Wanted(None, AppWindow("")))
                await self._own.load(partial(ask_store, self._reader.bus))  # not before: facts until then are skipped
                snapshot = read
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(PAUSE_SECONDS)
        self._shared.revision = max(self._shared.revision, snapshot.revision)
        self._loaded.set()
        self._on_loaded(snapshot.settings)
