"""How a model is asked to write instructions: as native tool calls, in its text, or as JSON of a fixed schema.

Text is the usual path: small models do better that way (docs/measurements.md). Large and hosted models that list the
ability call tools (`apps/models.py`). What failed is kept in the setting `paths` (model to "text" or "tools"); a value
that the user sets there wins. The fixed schema is used when a model writes an instruction again after a mistake, and
when it declares an app (`own/asking.py`). `detail.path` of an answer's row says which path it used.
"""

from typing import Literal

from apps.models import calls_tools
from apps.tables import Row
from bus.messages import StoreOrder, Values
from bus.store_client import StoreClient
from services.agent.state.live_query import LiveQueries

PlayPath = Literal["tools", "text", "format"]
SETTING = "paths"


class PlayPaths:
    """Decides the path for each model, and remembers what a model cannot do."""

    def __init__(self, store_client: StoreClient, queries: LiveQueries) -> None:
        """The setting `paths` is read when it is needed."""
        self._store_client = store_client
        self._queries = queries
        self._without_format: set[str] = set()
        """Models that failed to follow a schema since this process started."""

    async def of(self, model: Values, row: Row, *, is_declaration: bool = False) -> PlayPath:
        """Return the path for the answer in this row. `is_declaration`: it is asked for what an app is to be."""
        name = model["name"]
        if calls_tools(model, (await self._queries.settings()).get(SETTING)):
            return "tools"
        is_form = is_declaration or bool((row["detail"] or {}).get("repair"))
        return "format" if is_form and name not in self._without_format and model.get("capabilities") else "text"

    async def unable(self, model: str, what: str, generation: str) -> None:
        """Remember what a model cannot do. `what`: "tools" or "format", as in `llm.failed`."""
        if what != "tools":
            self._without_format.add(model)
            return
        known = (await self._queries.settings()).get(SETTING)
        value = (known if type(known) is dict else {}) | {model: "text"}
        order = StoreOrder(verb="update", table="setting", id=SETTING, values={"value": value}, actor="system")
        answer = await self._store_client.ask(order, cause=f"generate-{generation}", id=f"path-{generation}")
        if answer.rows:
            self._queries.learn("setting", answer.rows[0], answer.revision)
