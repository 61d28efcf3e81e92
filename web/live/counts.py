"""How many rows each app has in the profile in view, those that are done aside: the numbers in the menu of apps.

Counted once by the store, then carried on with each fact.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.tables import Row, Table
from bus.errors import PianolaError
from bus.messages import StoreChanged
from web.live.queries import Reader, scope
from web.state.app_list import AppList
from web.state.window import passes

SOON_SECONDS = 0.05
"""A changed number is told so much later, once: facts often come many at a time."""
PAUSE_SECONDS = 1.0
"""Before the store is asked again when it did not answer."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


@dataclass(slots=True, eq=False)
class _Count:
    """Of one app. `where`: what the rows that count have."""

    app: str
    table: Table
    where: Row
    number: int = 0
    revision: int = -1
    """Facts up to this one are in the number; -1 while the store has not answered."""
    waiting: list[StoreChanged] = field(default_factory=list)
    """Facts that were heard by then."""


class RowCounts:
    """The numbers, by app. One for all tabs."""

    def __init__(self, apps: AppList, reader: Reader, spawn: Spawn, on_change: Callable[[str], None]) -> None:
        """`on_change`: gets an app whose number changed."""
        self._apps = apps
        self._reader = reader
        self._spawn = spawn
        self._on_change = on_change
        self._counts: dict[str, _Count] = {}
        self._changed: set[str] = set()
        """Apps whose new number is still to be told."""

    @property
    def numbers(self) -> dict[str, int]:
        """How many, by app, of those that were counted."""
        return {app: count.number for app, count in self._counts.items() if count.revision >= 0}

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Count everything anew, for the profile that the settings tell."""
        for app, table in self._apps.tables.items():
            if not self._apps[app].has("read"):  # what such an app shows is not simply the rows of its table
                self._begin(app, table, counted(table, settings))

    def take(self, fact: StoreChanged) -> None:
        """Carry the numbers on."""
        for count in list(self._counts.values()):
            if count.table.name == fact.table:
                self._take(count, fact)

    def _take(self, count: _Count, fact: StoreChanged) -> None:
        before = count.number
        if count.revision < 0:
            count.waiting.append(fact)
        elif fact.revision > count.revision:
            self._carry_on(count, fact)
        if count.number != before:
            self._tell(count.app)

    def _carry_on(self, count: _Count, fact: StoreChanged) -> None:
        if fact.verb == "update" and not fact.before:  # two long texts did not fit into one message
            self._begin(count.app, count.table, count.where)
        else:
            count.revision = fact.revision
            count.number += passes(fact.row, count.where) - passes(fact.before, count.where)

    def _begin(self, app: str, table: Table, where: Row) -> None:
        count = self._counts[app] = _Count(app, table, where)
        self._spawn(self._ask(count), f"count {app}")

    async def _ask(self, count: _Count) -> None:
        while count is self._counts[count.app]:  # else it is being counted anew already
            try:
                found = await self._reader.count(count.table.name, count.where)
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            self._counted(count, found.total, found.revision)
            return

    def _counted(self, count: _Count, number: int, revision: int) -> None:
        if count is self._counts[count.app]:
            count.number, count.revision = number, revision
            for fact in count.waiting:
                if fact.revision > revision:
                    self._carry_on(count, fact)
            count.waiting.clear()
            self._tell(count.app)

    def _tell(self, app: str) -> None:
        """Tell soon that a number changed."""
        if app not in self._changed:
            self._changed.add(app)
            asyncio.get_running_loop().call_later(SOON_SECONDS, self._told, app)

    def _told(self, app: str) -> None:
        self._changed.remove(app)
        self._on_change(app)


def counted(table: Table, settings: Mapping[str, Any]) -> Row:
    """Return what the rows that count have: the profile, and that they are not done."""
    done = "done" in table.switches
    return scope(table, settings) | ({"done": False} if done else {})
