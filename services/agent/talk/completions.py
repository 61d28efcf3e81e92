"""Complete one row: build its prompt, have the text generated, store the end.

The row is a message in state `streaming`: an answer, a step, a comment or a summary. The order ids derive from the
generation (`end-GENERATION`), so work that is repeated after a crash repeats the same orders.
"""

import asyncio

from apps.tables import Row
from bus.messages import StoreAnswer, StoreOrder
from bus.store_client import StoreClient
from services.agent.prompt.archive import Archive
from services.agent.prompt.build import PromptBuilder, generation_of
from services.agent.state.live_query import LiveQueries
from services.agent.state.paths import PlayPaths
from services.agent.talk.endings import final_values, is_silent
from services.agent.talk.generations import Ending, Generations

MAX_STOPPED = 100
"""Names of stopped generations that are kept until their turn comes; most of them have already ended."""


def generate_order_id(row: Row) -> str:
    """Return the id of the order to generate: the cause of everything that follows from the text."""
    return f"generate-{generation_of(row)}"


class Completions:
    """Completes rows. It does not know what they are for."""

    def __init__(
        self,
        store_client: StoreClient,
        queries: LiveQueries,
        paths: PlayPaths,
        *,
        prompt_builder: PromptBuilder,
        archive: Archive,
        generations: Generations,
    ) -> None:
        """Nothing is generated before `complete`."""
        self._store_client = store_client
        self._queries = queries
        self._paths = paths
        self._prompt_builder = prompt_builder
        self._archive = archive
        self._generations = generations
        self._stopped: dict[str, None] = {}
        """Names of generations, the oldest first."""

    def stop(self, name: str) -> None:
        """Remember that the user stopped a generation which does not run yet: it may wait for its turn."""
        if name not in self._generations.running:
            self._stopped[name] = None
            while len(self._stopped) > MAX_STOPPED:
                del self._stopped[next(iter(self._stopped))]

    async def complete(self, row: Row, cause: str, since: int = 0) -> tuple[Row, Ending]:
        """Generate the text of a row and store the end; return the row as it is then, and how it ended.

        `since`: the revision from which `row` repeats texts of other rows, 0 for none.
        """
        since = since or self._queries.revision
        built = await self._prompt_builder.order(row)
        order = built.order
        if order.generation in self._stopped:
            del self._stopped[order.generation]
            ending = Ending("stopped", "")
        else:
            follow = self._generations.follow(order, cause)
            ending, _ = await asyncio.gather(follow, self._archive.keep(row, built, since))
        if ending.unable and built.path != "text":
            await self._paths.unable(order.model or ending.model, ending.unable, order.generation)
            return await self.complete(await self._next_attempt(row), generate_order_id(row), since)
        return await self._store(row, final_values(row, ending, built), silent=is_silent(row, ending)), ending

    async def _next_attempt(self, row: Row) -> Row:
        """Order another attempt: the model could not do what this one asked for."""
        values, where = {"attempt": row["attempt"] + 1}, {"state": "streaming", "attempt": row["attempt"]}
        order = StoreOrder(verb="update", table="message", id=row["id"], values=values, where=where, actor="model")
        answer = await self._store_client.ask(order, cause=generate_order_id(row), id=f"anew-{generation_of(row)}")
        return answer.rows[0]

    async def _store(self, row: Row, values: Row, *, silent: bool) -> Row:
        """Store the end of a row's generation, unless the row has gone on to another attempt."""
        name = generation_of(row)
        if silent:
            order = StoreOrder(verb="delete", table="message", id=row["id"], actor="model")
            await self._store_client.ask(order, cause=generate_order_id(row), id=f"end-{name}")
            return row
        where = {"state": "streaming", "attempt": row["attempt"]}
        order = StoreOrder(verb="update", table="message", id=row["id"], values=values, where=where, actor="model")
        answer: StoreAnswer = await self._store_client.ask(order, cause=generate_order_id(row), id=f"end-{name}")
        ended = answer.rows[0] if answer.rows else row | values
        self._queries.learn("message", ended, answer.revision)
        return ended
