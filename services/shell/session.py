"""What a command stands on: the bus, the apps with their tables, the profile in view, and who reads."""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from apps.calls.calls import Calls
from apps.calls.timer import Timer
from apps.core import PROFILE, SETTING
from apps.names import compared
from apps.own.loading import OwnApps
from apps.registry import Registry, load_apps
from apps.tables import Row, Table
from apps.types.reader import Reader
from bus.bus import Bus
from bus.errors import PianolaError
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreAnswer, StoreOrder
from bus.settings import load
from bus.store_client import ask_store

NAME = "shell"
GREETING_SECONDS = 10.0
DEFAULT_PROFILE = 1
LOCALE_VARIABLES = ("LC_ALL", "LC_TIME", "LANG")
"""Where a terminal says which language is read; the first one that is set counts."""
NO_LANGUAGE = ("C", "POSIX")


class NoSuchProfile(PianolaError):
    """No profile has this name or id."""

    def __init__(self, text: str, known: list[str]) -> None:
        super().__init__(f"there is no profile {text!r:.60}. Profiles: {', '.join(known)}.")


@dataclass(frozen=True, slots=True)
class Session:
    """One command on the bus."""

    bus: Bus
    registry: Registry
    profile: int
    """Id of the profile whose rows are meant."""
    reader: Reader

    async def ask(self, order: StoreOrder, id: str = "") -> StoreAnswer:  # noqa: A002 (the name in the header)
        """Return the answer of the store, or raise `Refused` or `NoAnswer`."""
        return await ask_store(self.bus, order, id=id)

    def in_profile(self, table: Table) -> Row:
        """Return the condition for rows of the profile; {} where a table has none."""
        return {"profile": self.profile} if table.scoped else {}


@asynccontextmanager
async def joined(profile: str = "") -> AsyncIterator[Session]:
    """Join the bus, load the apps, and leave at the end. `profile`: its name or id; "" for the one in view."""
    settings = load()
    bus = Bus(NAME, settings, lambda sentence, _error: _complain(sentence))
    bus.connect()
    try:
        await bus.greet(GREETING_SECONDS)
        calls = Calls(Timer())  # without a record: Ctrl-C during the start is no fault of an app
        registry = load_apps(calls=calls)
        await OwnApps(registry, settings.apps, calls=calls).load(lambda order: ask_store(bus, order))
        yield Session(bus, registry, await _profile(bus, profile), Reader(locale_of(os.environ)))
    finally:
        bus.close()


def locale_of(environment: Mapping[str, str]) -> str:
    """Return the locale that a terminal sets, as browsers write it: "de-DE" for `LANG=de_DE.UTF-8`; "" for none."""
    named = next((found for name in LOCALE_VARIABLES if (found := environment.get(name))), "")
    language = named.partition(".")[0].partition("@")[0]
    return "" if language in NO_LANGUAGE else language.replace("_", "-")


async def _profile(bus: Bus, wanted: str) -> int:
    """Return the id of the profile that is named, else of the one in view in the page."""
    if not wanted:
        found = await ask_store(bus, StoreOrder(verb="list", table=SETTING.name, where={"id": "profile"}))
        value = next((row["value"] for row in found.rows), None)
        return value if type(value) is int else DEFAULT_PROFILE
    profiles = (await ask_store(bus, StoreOrder(verb="list", table=PROFILE.name, limit=MAX_ANSWER_ROWS))).rows
    named = (row["id"] for row in profiles if str(row["id"]) == wanted or compared(row["name"]) == compared(wanted))
    for key in named:
        return int(key)
    raise NoSuchProfile(wanted, [row["name"] for row in profiles])


def _complain(sentence: str) -> None:
    sys.stderr.write(f"pianola: {sentence}\n")
