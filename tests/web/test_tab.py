"""How often a tab draws an app's own view while facts keep coming; the test itself moves the clock."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from web.live.outbox import LONGEST_QUEUE, LONGEST_VIEW_PAUSE_SECONDS, PAUSE_FACTOR, Frame
from web.live.tab import Tab
from web.server import ABORT, PUSH
from web.state.window import AppWindow

TURNS = 20
"""Turns of the loop: enough for everything that needs no time to pass."""


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time the test sets."""

    now = 100.0

    def time(self) -> float:
        return self.now


class Stage:
    """A tab that shows an app's own view, and a store that contains every fact so far."""

    def __init__(self, clock: Clock, takes: float) -> None:
        """`takes`: how many seconds it takes to draw the view."""
        self.clock, self.takes = clock, takes
        self.newest = 0
        self.drawn: list[tuple[list[str], int]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        socket: Any = SimpleNamespace(scope={"extensions": {PUSH: lambda _text: True, ABORT: lambda _code: None}})
        streams: Any = SimpleNamespace(of=lambda _conversation: {})
        self.tab = Tab(socket, "tab", AppWindow("journal", own=True), streams, self.draw)

    async def draw(self, tab: Tab, parts: Collection[str]) -> list[Frame]:
        revision = self.newest
        self.clock.now += self.takes
        self.meanwhile()
        await asyncio.sleep(0)
        self.drawn.append((sorted(parts), revision))
        return [Frame(part, part, revision) for part in parts]

    def fact(self) -> None:
        """Send a fact that changes what the view shows."""
        self.newest += 1
        self.tab.push(Frame(None, "app", self.newest))

    def facts(self, count: int) -> None:
        for _ in range(count):
            self.fact()

    async def after(self, seconds: float = 0.0) -> list[int]:
        """Let time pass; return the revisions at which the view was drawn so far."""
        self.clock.now += seconds
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return [revision for parts, revision in self.drawn if "app" in parts]


def play(scene: Callable[[Stage], Coroutine[Any, Any, None]], takes: float) -> None:
    """Play a scene on a stage; in a thread, because a browser's loop may run in this one."""

    async def perform() -> None:
        clock = asyncio.get_running_loop()
        assert isinstance(clock, Clock)
        stage = Stage(clock, takes)
        sending = asyncio.create_task(stage.tab.send())
        await stage.after()
        await scene(stage)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    def run() -> None:
        with asyncio.Runner(loop_factory=Clock) as runner:
            runner.run(perform())

    with ThreadPoolExecutor(1) as thread:
        thread.submit(run).result()


def test_the_first_fact_is_drawn_at_once_and_later_ones_after_the_pause():
    async def scene(stage: Stage) -> None:
        stage.fact()
        assert await stage.after() == [1]

        for _ in range(10):
            stage.facts(10)
            assert await stage.after(0.03) == [1]

        assert await stage.after(0.1) == [1, 101], "the last one surely"
        assert await stage.after(10) == [1, 101]
        stage.fact()
        assert await stage.after() == [1, 101, 102]

    play(scene, takes=0.1)


def test_while_facts_keep_coming_drawing_takes_a_fifth_of_the_time():
    async def scene(stage: Stage) -> None:
        began = stage.clock.now
        while stage.clock.now < began + 10:
            stage.facts(50)
            await stage.after(0.01)

        assert 15 <= len(stage.drawn) <= 10 / (0.1 * (1 + PAUSE_FACTOR)) + 1

    play(scene, takes=0.1)


def test_a_view_that_takes_no_time_to_draw_follows_each_fact():
    async def scene(stage: Stage) -> None:
        for revision in range(1, 11):
            stage.fact()
            assert await stage.after() == list(range(1, revision + 1))

    play(scene, takes=0.0)


def test_no_view_pauses_longer_than_the_limit():
    async def scene(stage: Stage) -> None:
        stage.fact()
        await stage.after()
        stage.fact()

        assert await stage.after(LONGEST_VIEW_PAUSE_SECONDS) == [1, 2]

    play(scene, takes=30.0)


def test_any_number_of_facts_during_a_drawing_cause_only_one_more():
    async def scene(stage: Stage) -> None:
        def import_rows() -> None:
            stage.meanwhile = lambda: None
            stage.facts(LONGEST_QUEUE * 4)

        stage.meanwhile = import_rows
        stage.fact()

        assert await stage.after() == [1]
        assert await stage.after(1) == [1, stage.newest]
        assert await stage.after(10) == [1, stage.newest]

    play(scene, takes=0.1)


def test_another_part_that_becomes_stale_during_a_drawing_is_drawn_alone():
    async def scene(stage: Stage) -> None:
        def progress() -> None:
            stage.meanwhile = lambda: None
            stage.tab.refresh("files")

        stage.meanwhile = progress
        stage.fact()
        await stage.after()

        assert [parts for parts, _revision in stage.drawn] == [["app"], ["files"]]

    play(scene, takes=0.1)


def test_what_the_user_asks_for_is_drawn_at_once_in_place_of_the_planned_drawing():
    async def scene(stage: Stage) -> None:
        stage.fact()
        await stage.after()
        stage.fact()
        assert await stage.after() == [1]

        stage.tab.refresh("app")

        assert await stage.after() == [1, 2]
        assert await stage.after(10) == [1, 2]

    play(scene, takes=0.1)
