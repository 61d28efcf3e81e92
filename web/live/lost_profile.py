"""When a profile was deleted: show another one instead, and tell all tabs."""

from apps.tables import Row
from bus.errors import PianolaError
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.live.queries import Reader
from web.state.page_view import profile_in


async def replace_profile(reader: Reader, deleted: Row, revision: int) -> str:
    """Show another profile than the deleted one; return the sentence for all tabs. `revision`: of the deletion."""
    which = f" “{deleted['name']}”" if deleted.get("name") else ""
    try:
        name = await ensure_profile(reader, f"profile-after-{revision}")
    except PianolaError as problem:
        return f"The profile{which} was deleted. {problem}"
    shown = f"“{name}” is shown now." if name else "There is none left: make one."
    return f"The profile{which} was deleted. {shown}"


async def ensure_profile(reader: Reader, order_id: str) -> str:
    """Return the name of the profile in view; if that does not exist, show the first one before. "" if there is none.

    Raises `Refused` or `NoAnswer`.
    """
    settings, left = await reader.settings(), (await reader.read("profile", MAX_ANSWER_ROWS)).rows
    names: dict[int, str] = {row["id"]: row["name"] for row in left}
    shown = profile_in({row["id"]: row["value"] for row in settings.rows})
    if shown not in names and names:
        shown = next(iter(names))
        order = StoreOrder(verb="update", table="setting", id="profile", values={"value": shown})
        await ask_store(reader.bus, order, id=order_id)
    return names.get(shown, "")
