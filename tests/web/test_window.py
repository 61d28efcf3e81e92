"""How a tab draws facts: after any changes, its page shows the rows of its window, and the right numbers."""

import itertools
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.tables import Row
from apps.todo.store import TODO
from bus.messages import StoreChanged
from web.live.row_updates import draw_row
from web.state.filters import where_of, wheres_of
from web.state.window import AppWindow, Shown, passes

SCOPE = {"profile": 1}
CHANGES = ("insert", "insert", "first", "delete", "toggle", "rename", "move", "leave", "come", "due", "tag")
FILTERS: list[Row] = [
    {},
    {"done": False},
    {"due": "today"},
    {"due": "none"},
    {"due": "overdue", "done": True},
    {"tags": "home"},
]
STEPS = st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 30)), max_size=40)


NOW = datetime.now()
DAYS = [(NOW + timedelta(days=number)).date().isoformat() for number in (-1, 0, 3, 30)]
DUE = [None, *DAYS, f"{DAYS[0]}T09:00"]
TAGS = ["home", "garden"]


def counted(shown: Shown) -> dict[tuple[str, Any], int]:
    """Return the numbers of the filters; tags that no row has ever had count as 0."""
    return {("tags", tag): 0 for tag in TAGS} | dict(shown.counts)


@dataclass
class World:
    """A store's rows, and a page that shows a window of them."""

    window: AppWindow
    rows: list[Row] = field(default_factory=list)
    page: list[int] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    redrawn: int = 0

    def matching(self) -> list[Row]:
        found = [row for row in self.rows if passes(row, {**SCOPE, **where_of(TODO, self.window.filters, NOW)})]
        return sorted(found, key=lambda row: (row["position"], row["id"]))

    def draw_again(self) -> None:
        """Do what a snapshot does."""
        self.redrawn += 1
        window, found = self.window, self.matching()
        if window.offset >= len(found):
            window.offset = 0
        seen = found[window.offset : window.offset + window.limit]
        window.show(TODO, seen, Shown(window.filters, window.offset, len(seen), len(found), self.counts()))
        self.page = [row["id"] for row in seen]

    def counts(self) -> dict[tuple[str, Any], int]:
        mine = [row for row in self.rows if passes(row, SCOPE)]
        wheres = {**wheres_of(TODO, NOW), ("", None): {}}
        counts = {key: sum(passes(row, where) for row in mine) for key, where in wheres.items()}
        return counts | {("tags", tag): sum(tag in (row["tags"] or ()) for row in mine) for tag in TAGS}

    def hear(self, verb: Any, before: Row, after: Row) -> None:
        """Do what a fact does."""
        known = [row for row in self.rows if row["id"] != (before or after)["id"]]
        self.rows = [*known, after] if after else known
        key = (before or after)["id"]
        fact = StoreChanged(table="todo", verb=verb, id=key, row=after, before=before, actor="user", revision=1)
        drawn = draw_row(fact, TODO, self.window, SCOPE)
        if drawn is None:
            self.draw_again()
        else:
            self.swap(drawn)

    def swap(self, drawn: str) -> None:
        """Do what htmx does with a drawn text."""
        for row in re.findall(r'<div id="todo-row-(\d+)" hx-swap-oob="delete">', drawn):
            self.page.remove(int(row))
        for row in re.findall(r'<li id="todo-row-(\d+)" [^>]*hx-swap-oob="true">', drawn):
            assert int(row) in self.page
        for row in re.findall(r'beforeend:#todo-list"><li id="todo-row-(\d+)"', drawn):
            assert int(row) not in self.page
            self.page.append(int(row))

    def step(self, change: str, number: int) -> None:
        if change in ("insert", "first") or not self.rows:
            position = float(len(self.rows) + 100) if change == "insert" else -float(next(self.numbers))
            row = {"id": next(self.numbers), "title": "x", "done": number % 2 == 0, "created": 0.0, "profile": 1}
            planned = {"due": DUE[number % len(DUE)], "tags": TAGS[: number % 3] or None, "repeat": None, "note": None}
            row |= {**planned, "parent": None}
            self.hear("insert", {}, {**row, "position": position + next(self.numbers) / 1e6})
            return
        row = self.rows[number % len(self.rows)]
        changed = {
            "toggle": {"done": not row["done"]},
            "rename": {"title": f"renamed {number}"},
            "move": {"position": number + next(self.numbers) / 1e6},
            "due": {"due": DUE[number % len(DUE)]},
            "tag": {"tags": TAGS[number % 3 :] or None},
            "leave": {"profile": 2},
            "come": {"profile": 1},
        }
        if change == "delete":
            self.hear("delete", row, {})
        else:
            self.hear("update", row, {**row, **changed[change]})


@settings(deadline=None, max_examples=150)
@given(STEPS, st.sampled_from(FILTERS), st.integers(0, 6), st.integers(3, 8), st.integers(0, 14))
def test_after_any_changes_the_page_shows_the_window_of_what_there_is(
    steps: list[tuple[str, int]], filters: Row, offset: int, limit: int, already: int
) -> None:
    world = World(AppWindow("todo", filters, offset, limit))
    world.draw_again()
    for number in range(already):
        world.step("insert", number)
    world.draw_again()

    for change, number in steps:
        world.step(change, number)

        shown, there = world.window.shown, [row["id"] for row in world.matching()]
        assert world.page == there[shown.offset : shown.offset + shown.count]
        assert (len(world.page), shown.total, counted(shown)) == (shown.count, len(there), world.counts())
        assert world.page or not there


def test_what_is_out_of_view_is_counted_and_not_drawn() -> None:
    world = World(AppWindow("todo", limit=200))
    for number in range(300):
        world.step("insert", number)
    world.draw_again()
    before = world.redrawn

    world.hear("update", world.rows[250], {**world.rows[250], "title": "far down"})
    world.hear("delete", world.rows[260], {})
    world.step("insert", 1)

    assert world.redrawn == before
    assert len(world.page) == 200
    assert world.window.shown.total == 300
