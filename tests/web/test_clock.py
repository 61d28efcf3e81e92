"""As time goes by, a list is drawn again: at midnight of its reader, and when something becomes overdue."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.tables import Row, Table
from apps.todo.store import TODO
from apps.types.reader import Reader as Person
from tests.support.system import run_apart
from web.live.queries import Rows
from web.live.rows.clock import Clock
from web.state.window import AppWindow, passes

LATE = datetime(2026, 11, 27, 18, 29, 30, tzinfo=UTC)
"""Half a minute before midnight in Kolkata."""


@dataclass
class Seen:
    """A tab, and what is drawn again in it."""

    reader: Person
    window: AppWindow = field(default_factory=lambda: AppWindow("todo"))
    drawn: list[str] = field(default_factory=list)

    def refresh(self, part: str) -> None:
        self.drawn.append(part)


@dataclass
class Stored:
    """Counts rows as the store does."""

    rows: list[Row]

    async def count(self, _table: str, where: Row) -> Rows:
        return Rows(total=sum(passes(row, where) for row in self.rows))


def drawn(zone: str, before: datetime, now: datetime, due: str = "", table: Table | None = TODO) -> list[str]:
    tab = Seen(Person("en", ZoneInfo(zone)))
    tabs: Any = [tab]
    store: Any = Stored([{"profile": 1, "due": due}] if due else [])
    clock = Clock(tabs, store, lambda _window: table, lambda _table: {"profile": 1})
    run_apart(clock.look(before))
    tab.drawn.clear()
    run_apart(clock.look(now))
    return tab.drawn


@pytest.mark.parametrize(("zone", "parts"), [("Asia/Kolkata", ["list"]), ("Europe/Berlin", [])])
def test_a_new_day_begins_at_midnight_of_the_reader(zone, parts):
    assert drawn(zone, LATE, LATE.replace(minute=30)) == parts


@pytest.mark.parametrize(("due", "parts"), [("2026-11-27T19:30", ["list"]), ("2026-11-27T19:31", []), ("", [])])
def test_what_becomes_overdue_is_drawn_again(due, parts):
    assert drawn("Europe/Berlin", LATE, LATE.replace(minute=30), due) == parts


def test_lists_without_due_dates_are_left_alone():
    assert drawn("Asia/Kolkata", LATE, LATE.replace(minute=30), table=None) == []
