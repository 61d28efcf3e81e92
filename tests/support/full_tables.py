"""Fill all tables of the page with long texts: what a page must bear without getting large."""

from collections.abc import Iterator
from typing import Any

from bus.bus import new_id
from bus.messages import LlmListed, StoreOrder
from tests.support.system import Guest, System

WORDS = "<b>&\"'ы " * 150
"""Each character becomes several bytes in HTML."""
PROFILES, CONVERSATIONS, MESSAGES, ROWS, IMPORTS, MODELS = 200, 50, 60, 400, 20, 10_000
AT_ONCE = 100

Insert = tuple[str, dict[str, Any]]


def inserts() -> Iterator[Insert]:
    """Yield tables and rows."""
    yield from (("profile", {"name": f"{number} {WORDS[:90]}"}) for number in range(PROFILES))
    yield from (("conversation", {"title": f"{number} {WORDS[:190]}"}) for number in range(CONVERSATIONS))
    for number in range(MESSAGES):
        said = {"conversation": CONVERSATIONS, "app": "todo", "text": f"{number} {WORDS}"}
        yield "message", {**said, "role": "assistant" if number % 2 else "user", "model": "m", "thinking": WORDS}
    yield from (("todo", {"title": f"{number} {WORDS[:900]}", "profile": 1}) for number in range(ROWS))
    sample = [{"title": WORDS} for _ in range(5)]
    for number in range(IMPORTS):
        detail = {"problems": [], "sample": sample, "left_out": []}
        yield "import", {"file": f"{number}.csv", "subject": "todo", "rows": 5, "detail": detail}


def fill(system: System) -> None:
    """Fill the tables, have the last conversation in view, and say that there are thousands of models."""

    async def play(guest: Guest) -> None:
        made = list(inserts())
        for start in range(0, len(made), AT_ONCE):
            orders = [{"verb": "insert", "table": one, "values": row} for one, row in made[start : start + AT_ONCE]]
            await ask(guest, verb="batch", table=orders[0]["table"], values={"orders": orders})
        await ask(guest, verb="update", table="setting", id="conversation", values={"value": CONVERSATIONS})
        guest.bus.say(LlmListed(models=models(), default="server/m-1", player="server"))

    system.visit(play)


async def ask(guest: Guest, **order: Any) -> None:
    """Have the store carry out an order."""
    heard = await guest.bus.ask(StoreOrder(**order), order["table"], id=new_id())
    assert heard.message.ok, heard.message.error


def models() -> list[dict[str, Any]]:
    """Return many models with long names."""
    name = "a-long-name-of-a-model-" * 2
    return [{"name": f"server/{name}{number}", "server": "server", "local": True} for number in range(MODELS)]
