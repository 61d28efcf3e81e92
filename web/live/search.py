"""Search conversations, messages, and the rows of all apps: a few results of each, best first."""

import asyncio
from collections.abc import Mapping

from apps.tables import Row, Table
from bus.bus import Bus
from bus.messages import StoreOrder
from bus.store_client import ask_store
from bus.text.places import has_any
from web.state.app_list import AppList
from web.state.fields import title_field
from web.state.found import Found

MOST_OF_EACH = 8
SPOKEN = ("conversation", "message")


async def search(bus: Bus, apps: AppList, text: str, profile: int) -> list[Found]:
    """Return what is found for the words of a text; raises `Refused` or `NoAnswer`."""
    tables = searchable(apps)
    orders = (
        StoreOrder(verb="search", table=table.name, values={"text": text}, limit=MOST_OF_EACH) for _, table in tables
    )
    names = StoreOrder(verb="list", table="profile", limit=1_000)
    profiles, *answers = await asyncio.gather(ask_store(bus, names), *(ask_store(bus, order) for order in orders))
    others = {row["id"]: str(row["name"]) for row in profiles.rows if row["id"] != profile}
    return [
        Found(
            table.name,
            row["id"],
            text_of(table, row, text.split()),
            _place(place, row, others),
            other=row.get("profile") in others,
        )
        for (place, table), answer in zip(tables, answers, strict=True)
        for row in answer.rows
    ]


def searchable(apps: AppList) -> list[tuple[str, Table]]:
    """Return the tables that have searched fields, each with its name in the results; tables of apps come first."""
    own = [(apps.title(name), table) for name, table in apps.tables.items() if table.searched]
    spoken = [(name.capitalize(), apps.registry.tables[name]) for name in SPOKEN]
    return own + [(place, table) for place, table in spoken if table not in apps.tables.values()]


def text_of(table: Table, row: Row, words: list[str]) -> str:
    """Return the text to show for a row that was found: its title, and the field with the words if that is another."""
    title = title_field(table).name
    texts = [str(row[name]) for name in table.searched if name != title]
    hit = next((text for text in texts if has_any(text, words)), "")
    return str(row[title]) if has_any(str(row[title]), words) or not hit else f"{row[title]}: {hit}"


def _place(place: str, row: Row, others: Mapping[int, str]) -> str:
    other = others.get(row.get("profile", 0))
    return f"{place}, {other}" if other else place
