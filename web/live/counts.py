"""How many rows each app has in the profile in view, without those that are done: the numbers in the menu of apps.

The store counts once; each fact then changes the number.
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
"""A changed number is reported once, so much later: facts often come many at a time."""
PAUSE_SECONDS = 1.0
"""Before the store is asked again when it did not answer."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


@dataclass(slots=True, eq=False)
class _Count:
    """The number of one app. `where`: which rows are counted."""

    app: str
    table: Table
    where: Row
    number: int = 0
    revision: int = -1
    """The number includes facts up to this one; -1 until the store has answered."""
    waiting: list[StoreChanged] = field(default_factory=list)
    """Facts heard before the store's answer."""


class RowCounts:
    """The numbers of all apps, shared by all tabs."""

    def __init__(self, apps: AppList, reader: Reader, spawn: Spawn, on_change: Callable[[str], None]) -> None:
        """`on_change`: gets the name of an app whose number changed."""
        self._apps = apps
        self._reader = reader
        self._spawn = spawn
        self._on_change = on_change
        self._counts: dict[str, _Count] = {}
        self._changed: set[str] = set()
        """Apps whose new number is still to be reported."""

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each app that was counted."""
        return {app: count.number for app, count in self._counts.items() if count.revision >= 0}

    def begin(self, settings: Mapping[str, Any]) -> None:
        """Count all rows again, for the profile in the settings."""
        self._counts = {app: count for app, count in self._counts.items() if app in self._apps.tables}
        for app, table in self._apps.tables.items():
            if not self._apps[app].has("read"):  # such an app shows something else than the rows of its table
                self._begin(app, table, counted(table, settings))

    def take(self, fact: StoreChanged) -> None:
        """Change the numbers by a fact."""
        for count in list(self._counts.values()):
            if count.table.name == fact.table:
                self._take(count, fact)

    def _take(self, count: _Count, fact: StoreChanged) -> None:
        before = count.number
        if count.revision < 0:
            count.waiting.append(fact)
        elif fact.revision > count.revision:
            self._apply(count, fact)
        if count.number != before:
            self._report_soon(count.app)

    def _apply(self, count: _Count, fact: StoreChanged) -> None:
        if fact.verb == "erase" or (fact.verb == "update" and not fact.before):  # nothing, or not all, is told of it
            self._begin(count.app, count.table, count.where)
        else:
            count.revision = fact.revision
            count.number += passes(fact.row, count.where) - passes(fact.before, count.where)

    def _begin(self, app: str, table: Table, where: Row) -> None:
        count = self._counts[app] = _Count(app, table, where)
        self._spawn(self._ask(count), f"count {app}")

    async def _ask(self, count: _Count) -> None:
        while count is self._counts.get(count.app):  # otherwise a newer count has begun
            try:
                found = await self._reader.count(count.table.name, count.where)
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            self._counted(count, found.total, found.revision)
            return

    def _counted(self, count: _Count, number: int, revision: int) -> None:
        if count is self._counts.get(count.app):
            count.number, count.revision = number, revision
            for fact in count.waiting:
                if fact.revision > revision:
                    self._apply(count, fact)
            count.waiting.clear()
            self._report_soon(count.app)

    def _report_soon(self, app: str) -> None:
        if app not in self._changed:
            self._changed.add(app)
            asyncio.get_running_loop().call_later(SOON_SECONDS, self._report, app)

    def _report(self, app: str) -> None:
        self._changed.remove(app)
        if app in self._apps.tables:  # an own app may be gone meanwhile
            self._on_change(app)


def counted(table: Table, settings: Mapping[str, Any]) -> Row:
    """Return which rows of a table are counted: those of the profile that are not done."""
    done = "done" in table.switches
    return scope(table, settings) | ({"done": False} if done else {})
