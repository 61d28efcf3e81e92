"""`pianola up --verbose`: after each command of the page, the settings and the open workflow as tables.

Hears store.changed and ui.acted. Says a store.order, to read the settings.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bus.bus import Bus
from bus.errors import NoAnswer, Refused
from bus.limits import MAX_ANSWER_ROWS
from bus.message_line import format_value, safe
from bus.messages import StoreChanged, StoreOrder, UiActed
from bus.store_client import ask_store
from bus.text.console import print_line
from bus.text.formats import BOLD, FAINT, PLAIN
from bus.wire import Envelope

SETTLE_SECONDS = 0.2
"""What one command does comes as several messages; they are one table."""
MOST_NAMED = 5
"""Actions that the line above the tables names."""
WORKFLOW_RUN = "workflow_run"
"""The table whose row that was changed last is the open workflow."""


class Verbose:
    """Hears what the user does, and prints tables."""

    def __init__(self, bus: Bus, *, coloured: bool, write: Callable[[str], None] = print_line) -> None:
        """`bus`: of the launcher. `write`: gets each text."""
        self._write = write
        self._bus = bus
        self._coloured = coloured
        self._run: Mapping[str, Any] = {}
        self._actions: list[str] = []
        self._acted = asyncio.Event()
        bus.hear(StoreChanged, self._heard_fact)
        bus.hear(UiActed, self._heard_action)

    async def run(self) -> None:
        """Print after each command until cancelled."""
        while True:
            await self._acted.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            self._acted.clear()
            actions, self._actions = self._actions, []
            self._write(self._text(actions, await self._settings()))

    def _heard_fact(self, heard: Envelope) -> None:
        fact: StoreChanged = heard.message
        if fact.table == WORKFLOW_RUN:
            self._run = fact.row
        if fact.actor == "user":
            self._note(f"{fact.verb} {fact.table} {fact.id}")

    def _heard_action(self, heard: Envelope) -> None:
        action: UiActed = heard.message
        self._note(f"{action.action} {action.app}")

    def _note(self, action: str) -> None:
        if len(self._actions) <= MOST_NAMED:
            self._actions.append(safe(action))
        self._acted.set()

    async def _settings(self) -> dict[str, Any]:
        order = StoreOrder(verb="list", table="setting", sort="id", limit=MAX_ANSWER_ROWS, actor="system")
        try:
            answer = await ask_store(self._bus, order)
        except (NoAnswer, Refused) as problem:
            return {"not known": str(problem)}
        return {str(row["id"]): row["value"] for row in answer.rows}

    def _text(self, actions: Sequence[str], settings: Mapping[str, Any]) -> str:
        more = ["…"] if len(actions) > MOST_NAMED else []
        did = ", ".join([*actions[:MOST_NAMED], *more])
        lines = [self._styled(f"{time.strftime('%H:%M:%S')}  {did}", BOLD), *self._table("setting", settings)]
        if self._run:
            lines += self._table(f"workflow {safe(str(self._run['id']))}", self._run)
        return "\n".join(["", *lines])

    def _table(self, title: str, values: Mapping[str, Any]) -> list[str]:
        """Return a table of two columns: names, and values on one line each."""
        names = [safe(name) for name in values]
        width = max(map(len, [title, *names]))
        head = self._styled(f"  {title:<{width}} │ value", FAINT)
        rule = self._styled(f"  {'─' * width}─┼{'─' * 40}", FAINT)
        bar = self._styled("│", FAINT)
        rows = zip(names, values.values(), strict=True)
        return [head, rule, *(f"  {name:<{width}} {bar} {format_value(value)}" for name, value in rows)]

    def _styled(self, text: str, style: str) -> str:
        return f"{style}{text}{PLAIN}" if self._coloured else text
