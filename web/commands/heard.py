"""What only the assistant hears about: a row that was opened to change it, the words of a search, a poke.

What a row is called is read here, because the assistant would have to ask for it. It gets the name of one row, and
nothing that was typed and not sent. All that is heard: `web/state/user_actions.py`.
"""

from apps.sentences import title_of
from apps.tables import Row, Table
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command

LONGEST_SEARCH = 200
"""Characters of the words of a search."""
MOST_FOUND = 1_000_000


async def selected(command: Command) -> None:
    """Tell the agent which row the user opened to change it."""
    name, registry = command.text("table"), command.hub.registry
    table = registry.tables.get(name)
    if table is None or registry.app_of(name) is None:
        raise BadCommand(f"No app shows rows of {name!r:.60}.")
    try:
        row = await get_row(command, table)
    except Refused:  # deleted meanwhile: then there is nothing to tell
        return
    profile = row.get("profile", 0)
    command.acted("selected", profile=profile, table=name, id=str(row["id"]), name=title_of(row, table))


async def searched(command: Command) -> None:
    """Tell the agent the words of a search, and how many rows of the profile in view it found."""
    text, found = command.text("text").strip(), command.number("found")
    if not text or len(text) > LONGEST_SEARCH or not 0 <= found <= MOST_FOUND:
        raise BadCommand(f"A search has 1 to {LONGEST_SEARCH} characters, and finds 0 or more rows.")
    command.acted("searched", text=text, found=found)


async def poked(command: Command) -> None:
    """Tell the agent that the user wants a remark."""
    command.acted("poked")


async def get_row(command: Command, table: Table) -> Row:
    """Return the row that a command is about."""
    key = command.text("id") if table.keyed else command.number("id")
    answer = await ask_store(command.hub.bus, StoreOrder(verb="get", table=table.name, id=key))
    return answer.rows[0]
