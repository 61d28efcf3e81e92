"""Detect that the broker dropped messages for a slow subscriber, which may be this process."""

from collections.abc import Callable

from bus.bus import Bus
from bus.messages import BusCounted, BusOverflowed
from bus.wire import Envelope


class Overflows:
    """Hears `bus.overflowed`, and also `bus.counted`, because a report may be dropped itself."""

    def __init__(self, bus: Bus, on_missed: Callable[[], None]) -> None:
        """`on_missed`: called each time the broker has dropped messages since this process started to listen."""
        self._on_missed = on_missed
        self._broker = ""
        self._known = 0
        bus.hear(BusOverflowed, self._heard)
        bus.hear(BusCounted, self._heard)

    def _heard(self, heard: Envelope) -> None:
        message: BusOverflowed | BusCounted = heard.message
        if heard.header.sender != self._broker:
            self._broker = heard.header.sender
            self._known = message.episodes if isinstance(message, BusCounted) else 0
        if message.episodes > self._known:
            self._known = message.episodes
            self._on_missed()
