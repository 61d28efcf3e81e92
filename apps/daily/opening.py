"""Whether the morning page opens first: at the first opening of a day, from the chosen hour on. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

APP = "morning"
"""Name of the app with the morning page."""
CHOSEN = "morning"
"""Key of the setting with the hour from which the page opens first, like "07:00"; "" if it does not."""
SEEN = "morning_seen"
"""Key of the setting with the day on which it was opened last, like "2026-11-28"."""
DEFAULT_HOUR = "07:00"


def opens_first(settings: Mapping[str, Any], now: datetime) -> bool:
    """Return whether the morning page is what an opening of the page shows now. `now`: on the reader's clock."""
    hour = settings.get(CHOSEN)
    if type(hour) is not str or not hour:
        return False
    return settings.get(SEEN) != now.date().isoformat() and f"{now:%H:%M}" >= hour
