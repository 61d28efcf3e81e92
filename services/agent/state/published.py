"""Settings that the agent keeps for the page: what it found on the disk."""

from apps.tables import Row
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.state.live_query import LiveQueries


async def publish_setting(store_client: StoreClient, queries: LiveQueries, key: str, value: list[Row]) -> None:
    """Write a list into a setting, if it has changed. A list that was empty from the beginning is not written."""
    if ((await queries.settings()).get(key) or []) != value:
        order = StoreOrder(verb="update", table="setting", id=key, values={"value": value}, actor="system")
        await store_client.ask(order)
