"""Notices that the user makes the same three changes by hand a third time, and offers a macro: once, as a remark.

What was done is read from the history once; after that only facts are heard. In the mode quiet, and where the user
wants no remarks, nothing is offered.
"""

import asyncio
import hashlib
import json
import time
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from apps.change_lookup import names_of
from apps.core import CHANGE, SETTING
from apps.macro_steps.steps import can_repeat
from apps.registry import Registry
from apps.sentences import title_of
from apps.tables import Row, Table
from apps.talk.silence import silence_in
from bus.messages import StoreChanged, StoreOrder
from bus.store_client import StoreClient
from services.agent.state.live_query import LiveQueries

TOGETHER, TIMES = 3, 3
"""How many changes, and how often, before a macro is offered."""
MOST_REMEMBERED = 300
"""Changes of the user, the newest, in which the same ones are looked for."""
OFFERS = "macro_offers"
"""Key of the setting with what was offered already: a list of short hashes."""
MOST_OFFERS = 200
RUN = "macro-run-"
"""Begin of the ids of orders that run a macro by a click: these changes were not made by hand."""
OFFER = "You did this a third time: {changes}. A macro does it with one click."

Sign = tuple[str, str, str, str]
"""What makes two changes the same: table, verb, title of the row, and what was changed in it."""


class Made(NamedTuple):
    """A change that the user made."""

    revision: int
    sign: Sign
    row: int | str


@dataclass(frozen=True, slots=True)
class Repeated:
    """Changes that were made a third time. `name`: a short hash of what they are."""

    changes: tuple[Made, ...]
    name: str


class Habits:
    """Hears the changes of the user."""

    def __init__(self, store_client: StoreClient, queries: LiveQueries, registry: Registry) -> None:
        """Nothing is read before `hear`."""
        self._store_client = store_client
        self._queries = queries
        self._registry = registry
        self._made: deque[Made] = deque(maxlen=MOST_REMEMBERED)
        self._is_read = False
        self._lock = asyncio.Lock()

    def forget(self) -> None:
        """Read the history again when it is needed next: something was undone, or deleted for good."""
        self._made.clear()
        self._is_read = False

    async def hear(self, fact: StoreChanged, order: str, cause: str) -> None:
        """Take a change of the user in an app. `order`: the id of the order that made it; `cause`: of the fact."""
        app, table = self._registry.app_of(fact.table), self._registry.tables.get(fact.table)
        if app is None or table is None or order.startswith(RUN) or fact.client or not _is_by_hand(fact, table):
            return
        async with self._lock:
            if not self._is_read:
                await self._read(fact.revision)
            row = fact.row or fact.before
            values = {name: one for name, one in fact.row.items() if fact.before.get(name) != one}
            self._made.append(Made(fact.revision, _sign(table, fact.verb, title_of(row, table), values), fact.id))
            repeated = repeated_in(list(self._made))
            if repeated and not await self._is_unwanted(app.name):
                await self._offer(repeated, app.name, fact, cause)

    async def _read(self, before: int) -> None:
        """Read what the user did before a revision."""
        self._made.clear()
        tables = {name: one for name, one in self._registry.tables.items() if self._registry.app_of(name)}
        where = {"subject": list(tables), "actor": "user", "verb": ["insert", "update"], "id": {"to": before - 1}}
        found = await self._store_client.list(CHANGE.name, where, sort="-id", limit=MOST_REMEMBERED)
        by_hand = [one for one in reversed(found) if can_repeat(one, tables) and not one["asked"].startswith(RUN)]
        names = await names_of(self._store_client.ask, by_hand, tables)
        for one in by_hand:
            title = names.get((one["subject"], one["row"]), "")
            sign = _sign(tables[one["subject"]], one["verb"], title, one["after"])
            self._made.append(Made(one["id"], sign, one["row"]))
        self._is_read = True

    async def _is_unwanted(self, app: str) -> bool:
        if await self._queries.mode() == "quiet":
            return True
        return silence_in(await self._queries.settings()).covers(app, time.time())

    async def _offer(self, repeated: Repeated, app: str, fact: StoreChanged, cause: str) -> None:
        """Store the offer, unless it was made before."""
        offered = (await self._queries.settings()).get(OFFERS)
        known = offered if isinstance(offered, list) else []
        if repeated.name in known:
            return
        text = OFFER.format(changes=", ".join(_in_words(one.sign) for one in repeated.changes))
        detail = {
            "happened": text,
            "profile": int((fact.row or fact.before).get("profile") or 0),
            "about": _about(repeated.changes),
            "macro": [one.revision for one in repeated.changes],
        }
        values = {"conversation": 0, "app": app, "role": "assistant", "purpose": "comment", "text": text}
        orders = [
            {"verb": "insert", "table": "message", "values": {**values, "detail": detail}},
            {
                "verb": "update",
                "table": SETTING.name,
                "id": OFFERS,
                "values": {"value": [*known[1 - MOST_OFFERS :], repeated.name]},
            },
        ]
        order = StoreOrder(verb="batch", table="message", values={"orders": orders}, actor="model", since=fact.revision)
        await self._store_client.ask(order, cause=cause, id=f"macro-offer-{repeated.name}")


def repeated_in(made: list[Made]) -> Repeated | None:
    """Return the last three changes, if they were made three times by now, in whatever order; else None. Pure."""
    last = made[-TOGETHER:]
    wanted = sorted(one.sign for one in last)
    if len(last) < TOGETHER or len(set(wanted)) < TOGETHER:
        return None
    if any(sum(one.sign == sign for one in made) < TIMES for sign in wanted):  # so with most of them: it costs little
        return None
    times, end = 0, len(made)
    while end >= TOGETHER and times < TIMES:
        window = made[end - TOGETHER : end]
        is_same = sorted(one.sign for one in window) == wanted
        times += is_same
        end -= TOGETHER if is_same else 1
    name = hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:16]
    return Repeated(tuple(last), name) if times == TIMES else None


def _is_by_hand(fact: StoreChanged, table: Table) -> bool:
    """Return whether a fact can be a step that is done again and again: a deleted row cannot be deleted once more."""
    if fact.verb == "delete":
        return False
    after = {name: one for name, one in fact.row.items() if fact.before.get(name) != one}
    change = {"subject": table.name, "before": fact.before, "after": after, "undoes": fact.undoes, "undone_by": 0}
    return can_repeat(change, {table.name: table})


def _sign(table: Table, verb: str, title: str, values: Row) -> Sign:
    """Return what makes a change the same as another one. Of days and amounts only that they were changed counts."""
    if verb != "update":
        return table.name, verb, title, ""
    fields = {one.name: one for one in table.fields}
    same = {
        name: value if fields[name].kind.is_switch or fields[name].kind.is_text else ""
        for name, value in values.items()
        if name in fields
    }
    return table.name, verb, title, json.dumps(same, sort_keys=True, ensure_ascii=False)


def _about(changes: tuple[Made, ...]) -> list[Row]:
    """Return the rows that the offer is about: it is not shown, nor kept, without them."""
    refs = {(one.sign[0], one.row) for one in changes}
    return [{"table": table, "row": key} for table, key in sorted(refs, key=str)]


def _in_words(sign: Sign) -> str:
    table, verb, title, _ = sign
    done = "added" if verb == "insert" else "changed"
    return f"{done} “{title}”" if title else f"{done} a row of {table}"
