"""Note that the morning page was opened, so that it opens first only once a day."""

from datetime import datetime

from apps.core import SETTING
from apps.daily.opening import APP, CHOSEN, SEEN
from apps.types.reader import Reader
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.live.hub import Hub


async def note_opened(hub: Hub, app: str, reader: Reader) -> None:
    """Note that a tab shows an app today, if that is the morning page and it opens first."""
    today = datetime.now(reader.zone).date().isoformat()
    if app != APP or not hub.shared.settings.get(CHOSEN) or hub.shared.settings.get(SEEN) == today:
        return
    order = StoreOrder(verb="update", table=SETTING.name, id=SEEN, values={"value": today}, actor="system")
    try:
        await ask_store(hub.bus, order)
    except PianolaError:  # the store is away: the page then opens first once more
        return
