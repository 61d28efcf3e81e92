"""Hears what the user and the assistant did, and keeps it as lines of "what happened lately"."""

from collections.abc import Coroutine
from typing import Any

from apps.core import APP, CONVERSATION, JOB
from apps.known.table import APP as MEMORY_APP
from apps.known.table import MEMORY
from apps.tables import Table
from bus.errors import PianolaError
from bus.messages import StoreChanged, UiActed
from services.agent.prompt.describe import (
    LAST_COUNTS,
    SWITCHED,
    describe_action,
    describe_change,
    describe_end_of_job,
    describe_import,
    describe_setting,
    one_line,
    quoted,
)
from services.agent.state.events import Event
from services.agent.state.wiring import State

WHO = {"user": "The user", "model": "You"}
"""Who did it, by the `actor`; what others do is not told."""

CORE_TOLD = {table.name: table for table in (APP, JOB)}
"""Tables of the core whose changes are told like those of apps."""


def who_in(fact: StoreChanged) -> str:
    """Return what a client that made a change is called in a line, "" if none did."""
    return f"The program {quoted(fact.client)}" if fact.client else ""


class Recent:
    """Turns facts and actions into lines."""

    def __init__(self, state: State) -> None:
        """`state`: keeps the lines; has the tables, and the names of profiles and personas."""
        self._registry = state.registry
        self._queries = state.queries
        self._store_client = state.store_client
        self._new_conversation = 0
        """The last one that was made: that the page then shows it is not worth a line."""
        self._import_order = ""
        """The last order of an import: the import is told, and not each of its rows."""

    def acted(self, fact: UiActed) -> None:
        """Take an action that changed no data. What is done with memories is not told: the known ones are."""
        if fact.app == MEMORY_APP and fact.action != "opened":
            return
        burst = f"{fact.action} {fact.app if fact.action == 'filtered' else ''}" if fact.action in LAST_COUNTS else ""
        self._add("user", describe_action(fact), fact.profile, burst)

    def changed(self, fact: StoreChanged, order: str) -> None:
        """Take a change of data. `order`: the id of the order that made it; the rows of one order share one line."""
        if fact.table == "import":
            self._import_order = order
            self._add("user", describe_import(fact), fact.row.get("target", 0))
        elif fact.table == CONVERSATION.name and fact.verb == "insert":
            self._new_conversation = int(fact.id)
        elif order and order == self._import_order:
            return
        elif (table := self._told_table(fact)) is not None:
            burst = f"{order} {fact.table} {fact.verb} {bool(fact.undoes)}" if order else ""
            row = fact.row or fact.before
            if table is JOB and (ended := describe_end_of_job(fact)):
                self._queries.events.add(Event(ended, row.get("profile", 0)))
                return
            self._add(
                fact.actor, describe_change(fact, table), row.get("profile", 0), burst, counts=True, who=who_in(fact)
            )

    def remarked(self, fact: StoreChanged) -> None:
        """Take a change of one of the assistant's remarks: one that is complete, and in no talk, is told in a line."""
        row = fact.row
        if row["state"] == "done" != fact.before.get("state", "") and not row["conversation"]:
            detail = row["detail"] or {}
            about = frozenset((one["table"], one["row"]) for one in detail.get("about") or ())
            words = f"{WHO['model']} remarked: “{one_line(row['text'])}”"
            self._queries.events.add(Event(words, detail.get("profile") or 0, remark=row["id"], about=about))

    def _told_table(self, fact: StoreChanged) -> Table | None:
        """Return the table of a change that is told: an app's, or that of conversations, jobs or own apps."""
        if fact.table == MEMORY.name:
            return None
        if fact.table == CONVERSATION.name:
            return None if fact.actor == "model" else CONVERSATION  # it gave a title
        if fact.table in CORE_TOLD:
            return CORE_TOLD[fact.table]
        return self._registry.tables[fact.table] if self._registry.app_of(fact.table) else None

    def switched(self, fact: StoreChanged) -> Coroutine[Any, Any, None] | None:
        """Take a setting that the user changed. The line is there at once; the coroutine puts the name into it."""
        key, value = str(fact.id), fact.row.get("value")
        unchanged = value == fact.before.get("value") or (key == "conversation" and value == self._new_conversation)
        if fact.actor != "user" or key not in SWITCHED or unchanged:
            return None
        event = self._add("user", describe_setting(key, value), burst=f"setting {key}")
        return self._name(event, key, value)

    async def _name(self, event: Event, key: str, value: object) -> None:
        try:
            name = await self._name_of(key, value)
        except PianolaError:  # the store is away, or the row is gone: the line stays without a name
            return
        event.words = f"{WHO['user']} {describe_setting(key, value, name)}"

    async def _name_of(self, key: str, value: object) -> str:
        """Return the name of what a setting's value stands for; "" if it stands for nothing that has one."""
        if key == "profile" and isinstance(value, int):
            return (await self._queries.profiles()).get(value, "")
        if key == "persona":
            listed = (await self._queries.settings()).get("personas")
            titles = (one.get("title") for one in listed or () if isinstance(one, dict) and one.get("name") == value)
            return str(next(titles, ""))
        if key == "conversation" and value:
            rows = await self._store_client.list("conversation", {"id": value}, limit=1)
            return str(rows[0]["title"]) if rows else ""
        return ""

    def _add(
        self, actor: str, words: str, profile: int = 0, burst: str = "", *, counts: bool = False, who: str = ""
    ) -> Event:
        event = Event(f"{who or WHO.get(actor, '')} {words}", profile, burst, counts)
        if words and actor in WHO:
            self._queries.events.add(event)
        return event
