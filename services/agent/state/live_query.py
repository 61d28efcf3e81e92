"""What the agent knows of the store without asking: kept current by facts, asked for anew after a gap.

A shelf is filled by one `list` and then follows the facts that are newer than it; so composing a prompt costs at most
one round trip, and none when the same conversation goes on.
"""

import asyncio
from collections import OrderedDict, deque

from apps.core import DEFAULT_MODE, MODES
from apps.tables import Row, Table
from bus.errors import Refused
from bus.messages import LlmListed, StoreChanged, StoreOrder
from services.agent.state.store_client import StoreClient

MOST_SHELVES = 12
MOST_ROWS = 200
"""Rows of one list that are kept."""
MOST_FRESH_ROWS = 20
"""Of a table that can only be read."""
MOST_TURNS = 160
"""Messages of one conversation that are kept."""
MOST_HAPPENINGS = 10


class LiveQuery:
    """Rows that match a condition, by id. `more`: there are others that did not fit."""

    def __init__(self, table: str, where: Row, sort: str, limit: int) -> None:
        """As in an order to list; see `StoreOrder`."""
        self.table = table
        self.where = where
        self.more = False
        self._sort = sort
        self._limit = limit
        self._rows: dict[int | str, Row] = {}
        self._waiting: list[StoreChanged] | None = None
        self._filled: asyncio.Task[None] | None = None

    async def rows(self, store_client: StoreClient) -> list[Row]:
        """Return the rows in the order of `sort`, asking for them the first time."""
        if self._filled is None:
            self._waiting = []
            self._filled = asyncio.create_task(self._fill(store_client))
        try:
            await asyncio.shield(self._filled)
        except Refused:
            self._filled = None
            raise
        return [self._rows[key] for key in sorted(self._rows, key=self._place)]

    async def _fill(self, store_client: StoreClient) -> None:
        order = StoreOrder(
            verb="list", table=self.table, where=self.where, sort=self._sort, limit=self._limit, actor="system"
        )
        answer = await store_client.ask(order)
        self._rows = {row["id"]: self._light(row) for row in answer.rows}
        self.more = answer.more
        newer = [fact for fact in self._waiting or () if fact.revision > answer.revision]
        self._waiting = None
        for fact in newer:
            self._apply(fact)

    def hear(self, fact: StoreChanged) -> None:
        """Follow a fact of our table."""
        if self._waiting is not None:
            self._waiting.append(fact)
        elif self._filled:
            self._apply(fact)

    def _apply(self, fact: StoreChanged) -> None:
        self._rows.pop(fact.id, None)
        if fact.verb != "delete" and all(fact.row.get(name) == value for name, value in self.where.items()):
            self._rows[fact.id] = self._light(fact.row)
        if len(self._rows) > self._limit:
            del self._rows[self._last()]
            self.more = True

    def _last(self) -> int | str:
        """Return the id of the row that a new `list` would not bring: its order is by `sort`."""
        furthest = min if self._sort.startswith("-") else max
        return furthest(self._rows, key=self._place)

    def _place(self, key: int | str) -> tuple[float, int | str]:
        return self._rows[key].get(self._sort.removeprefix("-"), 0), key

    @staticmethod
    def _light(row: Row) -> Row:
        return {name: value for name, value in row.items() if name != "thinking"}


class LiveQueries:
    """Settings, models, what happened lately, and shelves of rows."""

    def __init__(self, store_client: StoreClient) -> None:
        """`store_client`: the way to the store."""
        self._store_client = store_client
        self._live: OrderedDict[tuple[str, str], LiveQuery] = OrderedDict()
        self._settings = LiveQuery("setting", {}, "id", 1_000)
        self.listed = LlmListed(player="rehearsal", default="")
        self.happened: deque[str] = deque(maxlen=MOST_HAPPENINGS)
        """What the user and the model did lately, in words."""

    def forget(self) -> None:
        """Ask for everything anew: facts were missed."""
        self._live.clear()
        self._settings = LiveQuery("setting", {}, "id", 1_000)

    def hear(self, fact: StoreChanged) -> None:
        """Bring the shelves up to date."""
        for query in (self._settings, *self._live.values()):
            if query.table == fact.table:
                query.hear(fact)

    def learn(self, table: str, row: Row, revision: int) -> None:
        """Take over a row as it is after a write of our own: the answer comes before the fact."""
        self.hear(
            StoreChanged(table=table, verb="update", id=row["id"], row=row, before={}, actor="model", revision=revision)
        )

    async def settings(self) -> Row:
        """Return all settings, key to value."""
        return {row["id"]: row["value"] for row in await self._settings.rows(self._store_client)}

    async def profiles(self) -> dict[int | str, str]:
        """Return the names of the profiles by their ids."""
        rows = await self._query("profile", {}, "id", MOST_ROWS).rows(self._store_client)
        return {row["id"]: row["name"] for row in rows}

    async def mode(self) -> str:
        """Return how talkative the user wants the assistant: one of `MODES`."""
        mode = (await self.settings()).get("mode")
        return mode if mode in MODES else DEFAULT_MODE

    async def messages(self, conversation: int) -> list[Row]:
        """Return the newest messages of a conversation, the oldest of them first."""
        return await self._query("message", {"conversation": conversation}, "-id", MOST_TURNS).rows(self._store_client)

    async def rows(self, table: Table, profile: int) -> tuple[list[Row], bool]:
        """Return the rows of an app's table in the profile, in their order, and whether there are more."""
        if table.read_only:  # no facts tell of it: asked for each time, the newest
            order = StoreOrder(verb="list", table=table.name, sort="-id", limit=MOST_FRESH_ROWS, actor="system")
            answer = await self._store_client.ask(order)
            return answer.rows, answer.more
        where = {"profile": profile} if table.scoped else {}
        query = self._query(table.name, where, "position" if table.sortable else "id", MOST_ROWS)
        return await query.rows(self._store_client), query.more

    def _query(self, table: str, where: Row, sort: str, limit: int) -> LiveQuery:
        key = (table, repr(where))
        query = self._live.pop(key, None) or LiveQuery(table, where, sort, limit)
        self._live[key] = query
        if len(self._live) > MOST_SHELVES:
            self._live.popitem(last=False)
        return query
