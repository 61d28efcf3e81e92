"""What happens when a profile is deleted, by whomever: one that there is comes into view, and all tabs are told."""

from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreOrder
from web.live.queries import ROWS_AT_ONCE, Reader
from web.state.page_view import profile_in
from web.store_client import ask_store


async def farewell(reader: Reader, gone: Row, revision: int) -> str:
    """Return what to tell all tabs: that a profile was deleted, and which one they show now."""
    try:
        name = await profile_in_view(reader, f"profile-after-{revision}")
    except PianolaError as problem:
        return f"The profile “{gone['name']}” was deleted. {problem}"
    shown = f"“{name}” is shown now." if name else "There is none left: make one."
    return f"The profile “{gone['name']}” was deleted. {shown}"


async def profile_in_view(reader: Reader, order_id: str) -> str:
    """Return the name of the profile in view; when that is gone, bring the first one into view before.

    Raises `Refused` or `NoAnswer`.
    """
    settings, left = await reader.settings(), (await reader.read("profile", ROWS_AT_ONCE)).rows
    names: dict[int, str] = {row["id"]: row["name"] for row in left}
    shown = profile_in({row["id"]: row["value"] for row in settings.rows})
    if shown not in names and names:
        shown = next(iter(names))
        order = StoreOrder(verb="update", table="setting", id="profile", values={"value": shown})
        await ask_store(reader.bus, order, id=order_id)
    return names.get(shown, "")
