"""Connects the parts of this room."""

from collections.abc import Callable

from apps.registry import Registry
from bus.bus import Bus
from bus.store_client import StoreClient
from services.agent.state.live_query import LiveQueries
from services.agent.state.models import ModelChooser
from services.agent.state.paths import PlayPaths


class State:
    """What the agent knows of the store, and the way to it. `registry`: the apps and their tables."""

    def __init__(self, bus: Bus, registry: Registry, warn: Callable[[str], None]) -> None:
        """`warn`: gets a sentence when the store does not answer."""
        self.registry = registry
        self.store_client = StoreClient(bus, warn)
        self.queries = LiveQueries(self.store_client)
        self.models = ModelChooser(self.queries)
        self.paths = PlayPaths(self.store_client, self.queries)
