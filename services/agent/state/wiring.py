"""Connects the parts of this room."""

from collections.abc import Callable

from apps.own.loading import OwnApps
from bus.bus import Bus
from bus.store_client import StoreClient
from services.agent.state.live_query import LiveQueries
from services.agent.state.models import ModelChooser
from services.agent.state.paths import PlayPaths


class State:
    """What the agent knows of the store, and the way to it."""

    def __init__(self, bus: Bus, own: OwnApps, warn: Callable[[str], None]) -> None:
        """`own`: the own apps, and in their registry all apps. `warn`: gets a sentence when the store is silent."""
        self.own = own
        self.registry = own.registry
        self.store_client = StoreClient(bus, warn)
        self.queries = LiveQueries(self.store_client)
        self.models = ModelChooser(self.queries)
        self.paths = PlayPaths(self.store_client, self.queries)
