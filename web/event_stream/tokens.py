"""The tokens of the generations that run or have just ended, so that a reader that comes back misses none."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bus.messages import LlmFailed, LlmFinished, LlmStarted, LlmToken, Message

KEEP_SECONDS = 60.0
"""How long the tokens of a generation that has ended are kept."""
MOST_KEPT = 32
"""Generations that are kept; the oldest are dropped first."""


@dataclass(slots=True)
class Kept:
    """What was heard of a generation. `events`: its tokens from the index `first` on, and then its end."""

    first: int = 0
    events: list[bytes] = field(default_factory=list)
    key: str = ""
    ended: float = 0.0
    """When it ended (monotonic seconds); 0.0: it runs."""

    @property
    def next(self) -> int:
        """The index of what comes next."""
        return self.first + len(self.events)


class Tokens:
    """What was heard of each generation, the oldest first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: returns seconds."""
        self._clock = clock
        self._kept: dict[str, Kept] = {}

    def take(self, message: Message, key: str, event: bytes) -> None:
        """Keep a message about a generation. `event`: as it is told, without an id."""
        if isinstance(message, LlmStarted):
            self._kept.setdefault(message.generation, Kept(key=key))
            self._drop_old()
        elif isinstance(message, LlmToken):
            self._take_token(message, key, event)
        elif isinstance(message, LlmFinished | LlmFailed):
            known = self._kept.get(message.generation)
            if known and not known.ended:
                known.events.append(event)
                known.ended = self._clock()

    def _take_token(self, token: LlmToken, key: str, event: bytes) -> None:
        known = self._kept.get(token.generation)
        if known is None or token.index > known.next or (known.next == 0 and token.index):
            known = self._kept[token.generation] = Kept(token.index, key=key)  # what is before it was not heard
            self._drop_old()
        if token.index == known.next and not known.ended:
            known.events.append(event)

    def _drop_old(self) -> None:
        limit = self._clock() - KEEP_SECONDS
        self._kept = {name: one for name, one in self._kept.items() if not one.ended or one.ended > limit}
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def clear(self) -> None:
        """Forget all: nothing is heard any more."""
        self._kept.clear()

    def next_of_all(self) -> dict[str, int]:
        """Return the index of what comes next in each generation."""
        self._drop_old()
        return {name: one.next for name, one in self._kept.items()}

    def after(self, generation: str, index: int) -> list[bytes] | None:
        """Return what was heard of a generation from an index on; None if a part of it was not heard."""
        known = self._kept.get(generation)
        return None if known is None or index < known.first else known.events[index - known.first :]

    def begun_since(self, known: dict[str, int]) -> Iterator[str]:
        """Yield the generations that `known` does not name: they began later, or earlier than any was kept."""
        yield from (name for name in self._kept if name not in known)

    def first_of(self, generation: str) -> int:
        """Return the index from which a generation was heard."""
        return self._kept[generation].first

    def key_of(self, generation: str) -> str:
        """Return the key of the messages of a generation: its conversation."""
        return self._kept[generation].key
