"""Search what can be done, the rows of all apps, conversations and messages: a few results of each, best first."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

from apps.tables import Row, Table
from bus.bus import Bus
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.store_client import ask_store
from bus.text.normal import normal
from bus.text.places import has_any
from web.html.choices import choices
from web.html.parts.menus import actions_of
from web.state.app_list import AppList
from web.state.found import Choice, Found
from web.state.page_view import PageView, profile_in

MOST_OF_EACH = 8
SPOKEN = ("conversation", "message")


@dataclass(frozen=True, slots=True)
class Results:
    """What a search shows. `problem`: why rows could not be searched; "" if they were."""

    all: Sequence[Choice | Found]
    problem: str = ""


async def search(bus: Bus, apps: AppList, view: PageView, text: str) -> Results:
    """Return what is found for the words of a text. `view`: with the app that is open in the tab.

    What can be done and begins with the words comes first. Enter does the first one: so the best rows, whose titles
    have the words, come before what can be done and only has them somewhere in its name.
    """
    own = actions_of(apps[view.app]) if view.table else ()
    try:
        rows, profiles = await search_rows(bus, apps, view, text)
    except PianolaError as problem:
        return Results([*chain(*choices(text, view, (), own))], str(problem))
    begins, others = choices(text, view, profiles, own)
    best = len([*takewhile(lambda row: row.named and not row.other, rows)])
    return Results([*begins, *rows[:best], *others, *rows[best:]])


async def search_rows(bus: Bus, apps: AppList, view: PageView, text: str) -> tuple[list[Found], list[Row]]:
    """Return the rows that are found, the best first, and all profiles; raises `Refused` or `NoAnswer`.

    Rows of the profile in view come first; among them those of the open app, then of the others, then conversations
    and messages; among these those whose title has all the words.
    """
    profile = profile_in(view.settings)
    tables = searchable(apps)
    tables.sort(key=lambda pair: pair[1] is not view.table)
    orders = (
        StoreOrder(verb="search", table=table.name, values={"text": text}, limit=MOST_OF_EACH) for _, table in tables
    )
    names = StoreOrder(verb="list", table="profile", limit=1_000)
    profiles, *answers = await asyncio.gather(ask_store(bus, names), *(ask_store(bus, order) for order in orders))
    others = {row["id"]: str(row["name"]) for row in profiles.rows if row["id"] != profile}
    groups = (
        sorted((_found(place, table, row, text.split(), others) for row in answer.rows), key=lambda one: not one.named)
        for (place, table), answer in zip(tables, answers, strict=True)
    )
    return sorted(chain.from_iterable(groups), key=lambda one: one.other), profiles.rows


def _found(place: str, table: Table, row: Row, words: list[str], others: Mapping[int, str]) -> Found:
    title = normal(str(row[table.title_field.name]))
    return Found(
        table.name,
        row["id"],
        text_of(table, row, words),
        _place(place, row, others),
        other=row.get("profile") in others,
        named=all(normal(word) in title for word in words),
    )


def searchable(apps: AppList) -> list[tuple[str, Table]]:
    """Return the tables that have searched fields, each with its name in the results; tables of apps come first."""
    own = [(apps.title(name), table) for name in apps.tables for table in apps.tables_of(name) if table.searched]
    spoken = [(name.capitalize(), apps.registry.tables[name]) for name in SPOKEN]
    return own + [(place, table) for place, table in spoken if table not in apps.tables.values()]


def text_of(table: Table, row: Row, words: list[str]) -> str:
    """Return the text to show for a row that was found: its title, and the field with the words if that is another."""
    title = table.title_field
    others = (table.all_fields[name] for name in table.searched if name != title.name)
    texts = [one.kind.in_words(row[one.name]) for one in others if row[one.name] is not None]
    hit = next((text for text in texts if has_any(text, words)), "")
    named = "" if row[title.name] is None else title.kind.in_words(row[title.name])
    return named if has_any(named, words) or not hit else f"{named}: {hit}"


def _place(place: str, row: Row, others: Mapping[int, str]) -> str:
    other = others.get(row.get("profile", 0))
    return f"{place}, {other}" if other else place
