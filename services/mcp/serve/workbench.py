"""The bus and the apps, joined when they are first needed: editors start us also while Pianola does not run."""

import asyncio
from collections.abc import Callable
from functools import partial

from apps.calls.calls import Calls
from apps.calls.timer import Timer
from apps.core import APP, SETTING
from apps.own.loading import OwnApps
from apps.registry import Registry, load_apps
from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoBroker, PianolaError
from bus.messages import StoreAnswer, StoreChanged, StoreOrder
from bus.settings import Settings
from bus.store_client import ask_store

NAME = "mcp"
GREETING_SECONDS = 3.0
DEFAULT_PROFILE = 1


class NotRunning(PianolaError):
    """Nobody forwards messages."""

    def __init__(self) -> None:
        super().__init__("Pianola is not running, so nothing was read or changed. `pianola up --background` starts it.")


class Workbench:
    """The bus, and all apps with their tables."""

    def __init__(self, settings: Settings, log: Callable[[str], None]) -> None:
        """`log`: gets a sentence about a message that could not be handled."""
        self._settings = settings
        self._log = log
        self._lock = asyncio.Lock()
        self._bus: Bus | None = None
        self.registry = Registry()

    @property
    def bus(self) -> Bus:
        """The bus, once it is joined."""
        if self._bus is None:
            raise NotRunning
        return self._bus

    async def join(self) -> None:
        """Join the bus and load the apps, unless that is done. Raises `NotRunning`."""
        async with self._lock:
            if self._bus is None:
                self._bus = await self._joined()

    async def _joined(self) -> Bus:
        calls = Calls(Timer())
        registry = load_apps(calls=calls)
        own = OwnApps(registry, self._settings.apps, calls=calls)
        bus = Bus(NAME, self._settings, lambda sentence, _error: self._log(sentence))
        bus.hear(StoreChanged, lambda heard: own.hear(heard.message), APP.name)
        bus.on_reconnected = partial(self._load_again, own)
        bus.connect()
        try:
            await bus.greet(GREETING_SECONDS)
            await own.load(partial(ask_store, bus))
        except NoBroker:
            bus.close()
            raise NotRunning from None
        except BaseException:
            bus.close()
            raise
        self.registry = registry
        return bus

    def _load_again(self, own: OwnApps) -> None:
        """Read the own apps again: facts about them may have been missed."""
        self._loading = asyncio.create_task(self._load(own))

    async def _load(self, own: OwnApps) -> None:
        try:
            await own.load(self.ask)
        except PianolaError as problem:
            self._log(f"the apps that the user made could not be read again: {problem}")

    async def ask(self, order: StoreOrder, *, cause: str = "", id: str = "") -> StoreAnswer:  # noqa: A002 (the header's)
        """Return the answer of the store, or raise `Refused` or `NoAnswer`."""
        return await ask_store(self.bus, order, cause=cause, id=id)

    async def settings(self, *names: str) -> Row:
        """Return the values of settings; those that are not set are missing."""
        order = StoreOrder(verb="list", table=SETTING.name, where={"id": list(names)})
        return {row["id"]: row["value"] for row in (await self.ask(order)).rows}

    async def profile(self) -> int:
        """Return the id of the profile in view in the page."""
        value = (await self.settings("profile")).get("profile")
        return value if type(value) is int else DEFAULT_PROFILE

    def close(self) -> None:
        """Leave the bus."""
        if self._bus is not None:
            self._bus.close()
