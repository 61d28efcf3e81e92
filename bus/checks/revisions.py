"""Facts of the store in the order of their revisions. A revision that is further than the next one is asked for first.

A missing number means that facts were lost, or that somebody else than the store has said a revision that does not
exist: without the question everything that the store says afterwards would count as old.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bus.messages import StoreChanged
from bus.wire import Envelope

MOST_HELD = 10_000
"""Facts that wait while the store is asked; then the oldest is dropped, which counts as a loss."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class FactsInOrder:
    """Passes facts on, in the order of their coming. They are held while the store is asked for its revision."""

    def __init__(
        self,
        known: Callable[[], int],
        newest: Callable[[], Awaitable[int]],
        pass_on: Callable[[Envelope], object],
        spawn: Spawn,
    ) -> None:
        """`known`: revision of the last fact that was passed on. `newest`: asks the store for its revision, and waits.

        `spawn`: starts a task.
        """
        self._known = known
        self._newest = newest
        self._pass_on = pass_on
        self._spawn = spawn
        self._held: list[Envelope] = []
        self._asking = False

    def hear(self, heard: Envelope) -> None:
        """Pass a fact on, now or when the store has said that its revision exists; otherwise never."""
        fact: StoreChanged = heard.message
        if not self._asking and fact.revision <= self._known() + 1:
            self._pass_on(heard)
            return
        self._held.append(heard)
        del self._held[:-MOST_HELD]
        if not self._asking:
            self._asking = True
            self._spawn(self._ask(), "ask for the newest revision")

    async def _ask(self) -> None:
        try:
            while self._held:
                held, self._held = self._held, []
                newest = await self._newest()  # all facts that were heard before the question are part of it
                for heard in held:
                    if heard.message.revision <= newest:
                        self._pass_on(heard)
        finally:
            self._asking = False
