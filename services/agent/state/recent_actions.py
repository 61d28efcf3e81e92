"""What the user and the assistant did lately, in one line each: bounded, and only for the profile in view."""

from collections import deque
from dataclasses import dataclass

from services.agent.limits import MAX_KEPT_ACTIONS, MAX_RECENT_ACTIONS


@dataclass(slots=True)
class RecentAction:
    """One line. It may change later: its names may come after it, and more of the same may follow."""

    words: str
    """"The user added a todo: “milk”"."""
    profile: int = 0
    """In which profile it was done; 0: in none."""
    burst: str = ""
    """Actions in a row with the same name of their burst share one line; "" for a line of its own."""
    counts: bool = False
    """Of a burst, the line shows the first action and how many followed; otherwise only the last action."""
    more: int = 0
    """How many actions of the burst followed."""

    @property
    def line(self) -> str:
        """The line for the prompt."""
        return f"{self.words}, and {self.more:,} more like it" if self.more else self.words


class RecentActions:
    """The newest actions, the oldest of them first."""

    def __init__(self) -> None:
        """None at first: this is kept in memory only."""
        self._actions: deque[RecentAction] = deque(maxlen=MAX_KEPT_ACTIONS)

    def add(self, action: RecentAction) -> None:
        """Add an action; one that continues the burst of the last line joins that line."""
        last = self._actions[-1] if self._actions else None
        if last is None or not action.burst or (last.burst, last.profile) != (action.burst, action.profile):
            self._actions.append(action)
        elif action.counts:
            last.more += 1
        else:
            self._actions[-1] = action

    def lines(self, profile: int) -> list[str]:
        """Return the newest lines that belong to this profile, or to none."""
        lines = [one.line for one in self._actions if one.profile in (0, profile)]
        return lines[-MAX_RECENT_ACTIONS:]
