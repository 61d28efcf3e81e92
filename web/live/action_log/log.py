"""Keeps the action log: reads it from the history once, then adds what facts tell."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from apps.change_lookup import names_of
from apps.registry import Registry
from bus.bus import Bus
from bus.errors import PianolaError
from bus.messages import StoreChanged, StoreOrder
from bus.store_client import ask_store
from bus.wire import Envelope
from web.live.action_log.entries import DOERS, added, entries_of, entry_of_fact, told_tables
from web.live.shared import Shared
from web.state.page_view import Done

CHANGES_READ = 200
"""Changes that are read: more than entries are shown, since several can be one entry."""
SOON_SECONDS = 0.2
"""Tabs are shown new entries once, so much later: facts often come many at a time."""
PAUSE_SECONDS = 1.0
"""Before the store is asked again when it did not answer."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class ActionLog:
    """What the user and the assistant did lately, in `Shared`."""

    def __init__(
        self, shared: Shared, registry: Registry, bus: Bus, spawn: Spawn, on_change: Callable[[], None]
    ) -> None:
        """`on_change`: called when tabs are to show it again."""
        self._shared = shared
        self._registry = registry
        self._ask = partial(ask_store, bus)
        self._spawn = spawn
        self._on_change = on_change
        self._planned = False
        self._loading = False

    def load(self) -> None:
        """Read it from the history, as soon as the store answers: at the start, and when facts may have been missed."""
        if not self._loading:
            self._loading = True
            self._spawn(self._load(), "read the action log")

    def take(self, heard: Envelope) -> None:
        """Add what a fact tells."""
        fact: StoreChanged = heard.message
        if fact.verb == "erase":
            self.load()  # no word of the row may stay, in older entries neither
        table = told_tables(self._registry).get(fact.table)
        if table is not None and fact.actor in DOERS:
            self._shared.done = added(self._shared.done, entry_of_fact(heard, table))
            self._show_soon()

    async def _load(self) -> None:
        try:
            while not await self._read():  # noqa: ASYNC110 (the store is away; nothing tells when it is back)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._loading = False
        self._show_soon()

    async def _read(self) -> bool:
        """Read it; return whether the store answered. Entries of facts that came meanwhile stay."""
        tables = told_tables(self._registry)
        where = {"subject": list(tables), "actor": list(DOERS)}
        order = StoreOrder(verb="list", table="change", where=where, sort="-id", limit=CHANGES_READ)
        try:
            answer = await self._ask(order)
            names = await names_of(self._ask, answer.rows, tables)
            done = await self._with_whole_count(entries_of(answer.rows, names, tables))
        except PianolaError:
            return False
        newer = [one for one in self._shared.done if one.id > answer.revision]
        for one in reversed(newer):
            done = added(done, one)
        self._shared.done = done
        return True

    async def _with_whole_count(self, done: tuple[Done, ...]) -> tuple[Done, ...]:
        """Return the entries; not all changes of the oldest one may have been read, so its number is asked for."""
        if not done or done[-1].count == 1:
            return done
        order = StoreOrder(verb="list", table="change", where={"asked": done[-1].order}, limit=1)
        return *done[:-1], replace(done[-1], count=(await self._ask(order)).total)

    def _show_soon(self) -> None:
        if not self._planned:
            self._planned = True
            asyncio.get_running_loop().call_later(SOON_SECONDS, self._show)

    def _show(self) -> None:
        self._planned = False
        self._on_change()
