"""One command of a browser tab: its fields, and the orders that carry it out.

The ids of its orders are made from its nonce. So a command that the browser sends again after a reconnect takes effect
only once.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from apps.tables import Field, Row
from bus.errors import PianolaError
from bus.messages import StoreOrder, UiActed
from bus.store_client import ask_store
from web.commands.undoing.made import Made
from web.live.hub import Hub
from web.live.tab import Tab
from web.state.form_values import from_form
from web.state.page_view import profile_in

NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
ENVELOPE = {"do", "nonce", "HEADERS"}
"""Fields of a frame that are not the command's own. htmx adds `HEADERS`."""


class BadCommand(PianolaError):
    """A command that our page does not send, or that is not possible now. Says what was expected."""


@dataclass(frozen=True, slots=True)
class Command:
    """What the user does in a tab."""

    name: str
    nonce: str
    values: Row = field(repr=False)
    """Its own fields. One may be the key of a server, so they are in no `repr`."""
    tab: Tab
    hub: Hub
    made: list[Made] = field(default_factory=list, repr=False)
    """The orders that were carried out for it so far."""

    def id(self, step: str = "") -> str:
        """Return the id of an order: always the same for the same click. `step`: tells several orders apart."""
        return f"{self.name}-{self.nonce}{step and '-'}{step}"

    def text(self, name: str) -> str:
        """Return a field that must be a text."""
        value = self.values.get(name)
        if type(value) is not str:
            raise BadCommand(f"`{name}` of the command {self.name} is {value!r:.60}. Expected a text.")
        return value

    def number(self, name: str) -> int:
        """Return a field that must be a whole number."""
        value: int = from_form(Field(name, "integer"), self.values.get(name))
        if type(value) is not int:
            raise BadCommand(f"`{name}` of the command {self.name} is {value!r:.60}. Expected a whole number.")
        return value

    async def order(self, step: str = "", **order: Any) -> list[Row]:
        """Have the store carry out an order for the user; return the rows. Raises `Refused` or `NoAnswer`."""
        asked = StoreOrder(**order)
        answer = await ask_store(self.hub.bus, asked, id=self.id(step))
        self.hub.catch_up.expect(answer.revision)
        changes = len(answer.changes)
        self.made.append(Made(self.id(step), asked.verb, asked.table, asked.values, answer.rows, changes))
        return answer.rows

    async def set(self, key: str, value: Any) -> None:
        """Change a setting."""
        await self.order(f"set-{key}", verb="update", table="setting", id=key, values={"value": value})

    def acted(self, action: str, *, profile: int = 0, **detail: Any) -> None:
        """Tell the agent what the user did, when it changes no data. `profile`: if it is not the one in view (yet)."""
        hub, tab = self.hub, self.tab
        profile = profile or profile_in(hub.shared.settings)
        message = UiActed(app=tab.app, action=action, detail=detail, profile=profile, tab=tab.name)
        hub.bus.say(message, tab.app, id=self.id("acted"))


def parse(text: str, tab: Tab, hub: Hub) -> Command:
    """Return the command in a frame of the WebSocket, or raise `BadCommand`."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise BadCommand("What the page sent is not JSON. Reload the page.") from None
    if type(values) is not dict:
        raise BadCommand("What the page sent is not a JSON object. Reload the page.")
    nonce, name = values.get("nonce"), values.get("do")
    if type(nonce) is not str or not NONCE.fullmatch(nonce):
        raise BadCommand("The command has no `nonce` of 8 to 64 letters, digits, - and _. Reload the page.")
    return Command(str(name), nonce, values, tab, hub)
