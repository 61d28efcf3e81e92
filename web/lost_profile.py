"""What happens when the profile in view is deleted, by whomever: another one comes into view, and all tabs are told."""

from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreOrder
from web.asking import ask_store
from web.room import Room
from web.tabs import Frame
from web.views import profile_in


async def leave_profile(room: Room, gone: Row, revision: int) -> None:
    """Bring another profile into view when the one that was is gone. All tabs are told, whoever deleted it."""
    sentence = f"The profile “{gone['name']}” was deleted."
    if profile_in(room.settings) == gone["id"]:
        sentence += await _choose_other(room, f"profile-after-{revision}")
    room.push(Frame(f"?\n{sentence}"))


async def _choose_other(room: Room, order_id: str) -> str:
    try:
        left = (await room.reader.read("profile", 1)).rows
        if not left:
            return " There is none left: make one."
        order = StoreOrder(verb="update", table="setting", id="profile", values={"value": left[0]["id"]})
        await ask_store(room.bus, order, id=order_id)
    except PianolaError as problem:
        return f" {problem}"
    return f" “{left[0]['name']}” is shown now."
