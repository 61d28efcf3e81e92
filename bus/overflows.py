"""Notice that the broker dropped messages for a subscriber that was too slow: it may have been this process."""

from collections.abc import Callable

from bus.bus import Bus
from bus.messages import BusCounted, BusOverflowed
from bus.wire import Envelope


class Overflows:
    """Listens to the broker's reports, and to its counters, for a report may have been dropped as well."""

    def __init__(self, bus: Bus, on_missed: Callable[[], None]) -> None:
        """`on_missed`: called when messages were dropped since this process began to listen."""
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
