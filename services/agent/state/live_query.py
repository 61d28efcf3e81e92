"""What the agent knows of the store without asking: kept current by `store.changed`, read again after a gap.

A live query is filled by one `list`; then it applies the facts that are newer than the answer. So building a prompt
costs at most one round trip, and none when the same conversation goes on.
"""

import asyncio
from collections import OrderedDict

from apps.core import DEFAULT_MODE, JOB, JOB_ACTIVE, MODES
from apps.tables import Row, Table
from apps.talk.chain import read_chain
from apps.work.runs import RUN
from bus.errors import Refused
from bus.messages import JobProgressed, LlmListed, StoreChanged, StoreOrder
from bus.store_client import StoreClient
from services.agent.limits import (
    MAX_KNOWN_JOBS,
    MAX_LIVE_QUERIES,
    MAX_MESSAGES,
    MAX_READ_ONLY_ROWS,
    MAX_ROWS,
    MAX_SETTINGS,
)
from services.agent.parse.tools import OtherTool
from services.agent.state.events import Events
from services.agent.state.scope import profile_of


class LiveQuery:
    """Rows that match a condition, by id. `more`: further rows match but are over the limit."""

    def __init__(self, table: str, where: Row, sort: str, limit: int) -> None:
        """Arguments as in an order to list; see `StoreOrder`."""
        self.table = table
        self.where = where
        self.more = False
        self._sort = sort
        self._limit = limit
        self._rows: dict[int | str, Row] = {}
        self._facts_meanwhile: list[StoreChanged] | None = None
        """Facts that came while the `list` is on its way; None when none is."""
        self._filling: asyncio.Task[None] | None = None

    async def rows(self, store_client: StoreClient) -> list[Row]:
        """Return the rows in the order of `sort`; the first call asks the store."""
        if self._filling is None:
            self._facts_meanwhile = []
            self._filling = asyncio.create_task(self._fill(store_client))
        try:
            await asyncio.shield(self._filling)
        except Refused:
            self._filling = None
            raise
        return [self._rows[key] for key in sorted(self._rows, key=self._place)]

    def known_values(self) -> Row | None:
        """Return what a table of keys and values holds, without asking the store; None before it has been read."""
        if self._filling is None or not self._filling.done():
            return None
        return {str(key): row.get("value") for key, row in self._rows.items()}

    async def _fill(self, store_client: StoreClient) -> None:
        order = StoreOrder(
            verb="list", table=self.table, where=self.where, sort=self._sort, limit=self._limit, actor="system"
        )
        answer = await store_client.ask(order)
        self._rows = {row["id"]: self._without_thinking(row) for row in answer.rows}
        self.more = answer.more
        newer = [fact for fact in self._facts_meanwhile or () if fact.revision > answer.revision]
        self._facts_meanwhile = None
        for fact in newer:
            self._apply(fact)

    def hear(self, fact: StoreChanged) -> None:
        """Apply a change of our table, or keep it until the `list` has been answered."""
        if self._facts_meanwhile is not None:
            self._facts_meanwhile.append(fact)
        elif self._filling:
            self._apply(fact)

    def _apply(self, fact: StoreChanged) -> None:
        self._rows.pop(fact.id, None)
        if fact.verb not in ("delete", "erase") and matches(fact.row, self.where):
            self._rows[fact.id] = self._without_thinking(fact.row)
        if len(self._rows) > self._limit:
            del self._rows[self._last_id()]
            self.more = True

    def _last_id(self) -> int | str:
        """Return the id of the last row in the order of `sort`: a new `list` would leave it out."""
        furthest = min if self._sort.startswith("-") else max
        return furthest(self._rows, key=self._place)

    def _place(self, key: int | str) -> tuple[float, int | str]:
        return self._rows[key].get(self._sort.removeprefix("-"), 0), key

    @staticmethod
    def _without_thinking(row: Row) -> Row:
        return {name: value for name, value in row.items() if name != "thinking"}


def matches(row: Row, where: Row) -> bool:
    """Return whether a row fulfils a condition: its values, or `{"to": …}` for a number that is not larger."""
    return all(
        row.get(name, 0) <= value["to"] if isinstance(value, dict) else row.get(name) == value
        for name, value in where.items()
    )


class LiveQueries:
    """Settings, models, what happened lately, and the live queries on rows."""

    def __init__(self, store_client: StoreClient) -> None:
        """Nothing is read from the store before it is needed."""
        self._store_client = store_client
        self._live: OrderedDict[tuple[str, str], LiveQuery] = OrderedDict()
        """By table, and condition and order; the one used last stands last."""
        self._settings = LiveQuery("setting", {}, "id", MAX_SETTINGS)
        self.revision = 0
        """The newest revision that was heard."""
        self.listed = LlmListed(player="rehearsal", default="")
        """The models, as the worker listed them last."""
        self.tools: tuple[OtherTool, ...] = ()
        """The tools of other programs, as the process mcp listed them last."""
        self.events = Events(self._profile_in_view)
        self.last_run = ""
        """Key of the run of a workflow that was changed last; "" for none yet."""
        self._progress: dict[str, JobProgressed] = {}
        """By id of each active job: how far it is, as it was heard last."""

    def _profile_in_view(self) -> int:
        """Return the profile in view; 0 before the settings have been read, because nobody knows it then."""
        settings = self._settings.known_values()
        return 0 if settings is None else profile_of(settings)

    def forget(self) -> None:
        """Drop all rows, because facts were missed; they are read again when they are needed."""
        self._live.clear()
        self._settings = LiveQuery("setting", {}, "id", MAX_SETTINGS)

    def hear(self, fact: StoreChanged) -> None:
        """Apply a change to the live queries on its table."""
        self.revision = max(self.revision, fact.revision)
        if fact.table == RUN.name and fact.row:
            self.last_run = str(fact.id)
        if fact.table == JOB.name and fact.row.get("state") not in JOB_ACTIVE:
            self._progress.pop(str(fact.id), None)
        for query in (self._settings, *self._live.values()):
            if query.table == fact.table:
                query.hear(fact)

    def hear_progress(self, message: JobProgressed) -> None:
        """Take how far a job is."""
        if message.state in JOB_ACTIVE:
            self._progress[message.job] = message
        else:
            self._progress.pop(message.job, None)

    def learn(self, table: str, row: Row, revision: int) -> None:
        """Take over a row after a write of our own: its answer may come before its fact."""
        self.hear(
            StoreChanged(table=table, verb="update", id=row["id"], row=row, before={}, actor="model", revision=revision)
        )

    async def settings(self) -> Row:
        """Return all settings, key to value."""
        return {row["id"]: row["value"] for row in await self._settings.rows(self._store_client)}

    async def profiles(self) -> dict[int | str, str]:
        """Return the names of the profiles by their ids."""
        rows = await self._query("profile", {}, "id", MAX_ROWS).rows(self._store_client)
        return {row["id"]: row["name"] for row in rows}

    async def mode(self) -> str:
        """Return when the assistant comments, as the user chose: one of `MODES`."""
        mode = (await self.settings()).get("mode")
        return mode if mode in MODES else DEFAULT_MODE

    async def messages(self, conversation: int) -> list[Row]:
        """Return the newest messages of a conversation, the oldest of them first; [] for 0, which is none.

        Those of a branch begin with the messages that it shares with the conversation from which it branched.
        """
        found: list[Row] = []
        for segment in reversed(await read_chain(conversation, self._conversation)):
            query = self._query("message", segment.where, "-id", MAX_MESSAGES)
            found += await query.rows(self._store_client)
            if len(found) >= MAX_MESSAGES:
                break
        return sorted(found, key=lambda row: row["id"])[-MAX_MESSAGES:]

    async def _conversation(self, conversation: int) -> Row | None:
        rows = await self._query("conversation", {"id": conversation}, "id", 1).rows(self._store_client)
        return rows[0] if rows else None

    async def rows(self, table: Table, profile: int) -> tuple[list[Row], bool]:
        """Return the rows of an app's table in the profile, in their order, and whether there are more."""
        if table.read_only:  # no facts come for it, so its newest rows are asked for each time
            order = StoreOrder(verb="list", table=table.name, sort="-id", limit=MAX_READ_ONLY_ROWS, actor="system")
            answer = await self._store_client.ask(order)
            return answer.rows, answer.more
        where = {"profile": profile} if table.scoped else {}
        query = self._query(table.name, where, "position" if table.sortable else "id", MAX_ROWS)
        return await query.rows(self._store_client), query.more

    async def jobs(self, profile: int) -> list[Row]:
        """Return the newest jobs of a profile, the newest first, each as far as it was heard last."""
        rows = await self._query(JOB.name, {"profile": profile}, "-id", MAX_KNOWN_JOBS).rows(self._store_client)
        return [self._with_progress(row) for row in reversed(rows)]

    def _with_progress(self, row: Row) -> Row:
        heard = self._progress.get(str(row["id"]))
        if heard is None or row["state"] not in JOB_ACTIVE:
            return row
        return row | {"state": heard.state, "done": heard.done, "total": heard.total, "note": heard.note}

    def _query(self, table: str, where: Row, sort: str, limit: int) -> LiveQuery:
        key = (table, f"{where} {sort}")
        query = self._live.pop(key, None) or LiveQuery(table, where, sort, limit)
        self._live[key] = query
        if len(self._live) > MAX_LIVE_QUERIES:
            self._live.popitem(last=False)
        return query
