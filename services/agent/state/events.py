"""What the user and the model did lately, in one line each. Lost at a restart; only the newest are kept."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from services.agent.limits import MAX_KEPT_EVENTS, MAX_RECENT_ACTIONS, MAX_TOLD_REMARKS

RowRef = tuple[str, int | str]
"""A table and the id of a row in it."""


@dataclass(slots=True)
class Event:
    """One line. It may change later: a name may come after it, and more of the same may follow."""

    words: str
    """"The user added a todo: “milk”"."""
    profile: int = 0
    """In which profile it happened; 0: in none."""
    burst: str = ""
    """Events in a row with the same name of their burst share one line; "" for a line of its own."""
    counts: bool = False
    """Of a burst, the line shows the first event and how many followed; otherwise only the last event."""
    more: int = 0
    """How many events of the burst followed."""
    at: float = 0.0
    """When the last of them happened (Unix seconds)."""
    remark: int = 0
    """Id of the assistant's remark that it tells of; 0: it tells of something else."""
    about: frozenset[RowRef] = frozenset()
    """The rows that the remark is about."""

    @property
    def line(self) -> str:
        """The line for the prompt."""
        return f"{self.words}, and {self.more:,} more like it" if self.more else self.words


class Events:
    """The newest events, the oldest of them first."""

    def __init__(self, profile_in_view: Callable[[], int]) -> None:
        """Nothing has happened yet. `profile_in_view`: returns 0 as long as nobody knows it."""
        self._events: deque[Event] = deque(maxlen=MAX_KEPT_EVENTS)
        self._profile_in_view = profile_in_view

    def add(self, event: Event) -> None:
        """Add what has just happened. It joins or replaces the last line if it continues its burst."""
        event.at = max(time.time(), self.newest + 1e-6)
        last = self._events[-1] if self._events else None
        if last is None or not event.burst or (last.burst, last.profile) != (event.burst, event.profile):
            self._events.append(event)
        elif event.counts:
            last.more, last.at = last.more + 1, event.at
        else:
            self._events[-1] = event

    def forget(self) -> None:
        """Drop all lines: something was deleted for good, and they may tell of it."""
        self._events.clear()

    def drop_remarks(self, ref: RowRef) -> None:
        """Drop the remarks about a row that is gone; and a remark that is gone itself."""
        gone = [one for one in self._events if one.remark and (ref in one.about or ref == ("message", one.remark))]
        for one in gone:
            self._events.remove(one)

    @property
    def newest(self) -> float:
        """When the last event happened (Unix seconds), 0.0 for none. No two events have the same time."""
        return self._events[-1].at if self._events else 0.0

    def since(self, heard: float) -> tuple[str, ...]:
        """Return what happened later than `heard` (Unix seconds), the oldest first.

        Only what happened in the profile in view, or in none; so nothing is told of another profile's rows.
        """
        return tuple(one.line for one in self._in_view() if one.at > heard)[-MAX_RECENT_ACTIONS:]

    def remarks(self) -> tuple[str, ...]:
        """Return what the assistant remarked last, the oldest first, so that it does not say it again."""
        return tuple(one.line for one in self._in_view() if one.remark)[-MAX_TOLD_REMARKS:]

    def _in_view(self) -> list[Event]:
        profiles = (0, self._profile_in_view())
        return [one for one in self._events if one.profile in profiles]
