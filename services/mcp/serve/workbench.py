"""The bus and the apps, joined when they are first needed: editors start us also while Pianola does not run."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from apps.calls.calls import Calls
from apps.calls.timer import Timer
from apps.core import APP, SETTING
from apps.own.loading import OwnApps
from apps.registry import Registry, load_apps
from apps.tables import Row
from bus.bus import Bus
from bus.errors import NoBroker, PianolaError
from bus.messages import StoreAnswer, StoreChanged, StoreOrder
from bus.store_client import ask_store

GREETING_SECONDS = 3.0
DEFAULT_PROFILE = 1

Connect = Callable[[], Awaitable[Bus]]
"""Returns the bus, connected. Raises `NoBroker`."""


class NotRunning(PianolaError):
    """Nobody forwards messages."""

    def __init__(self) -> None:
        super().__init__("Pianola is not running, so nothing was read or changed. `pianola up --background` starts it.")


class Workbench:
    """The bus, and all apps with their tables."""

    def __init__(self, connect: Connect, apps: Path, log: Callable[[str], None]) -> None:
        """`apps`: the folder of the user's own apps. `log`: gets a sentence about what failed beside a call."""
        self._connect = connect
        self._apps = apps
        self._log = log
        self._lock = asyncio.Lock()
        self._bus: Bus | None = None
        self._own: OwnApps | None = None
        self._loading: asyncio.Task[None] | None = None
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
            if self._own is None:
                self._own = await self._loaded()

    async def _loaded(self) -> OwnApps:
        try:
            self._bus = self._bus or await self._connect()
            calls = Calls(Timer())
            own = OwnApps(load_apps(calls=calls), self._apps, calls=calls)
            self._bus.hear(StoreChanged, lambda heard: own.hear(heard.message), APP.name)
            await self._bus.greet(GREETING_SECONDS)  # the subscription is in effect now
        except NoBroker:
            raise NotRunning from None
        await own.load(self.ask)
        self.registry = own.registry
        return own

    def load_again(self) -> None:
        """Read the own apps again: facts about them may have been missed."""
        if self._own is not None:
            self._loading = asyncio.create_task(self._load(self._own))

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
