"""How a model is asked to play: by native calls of tools, by text, or, for a repair, by text of a prescribed form.

Decided for each model: by what it says that it can (`capabilities` in `llm.listed`), and by what it could not when it
was tried, which is remembered in the setting `paths` (model to "text" or "tools"; whoever sets it by hand decides).
The path of an answer stands in `detail.path` of its row.
"""

from typing import Literal

from apps.tables import Row
from bus.messages import StoreOrder, Values
from services.agent.state.live_query import LiveQueries
from services.agent.state.store_client import StoreClient

Path = Literal["tools", "text", "format"]
SETTING = "paths"


class Paths:
    """What is known of each model."""

    def __init__(self, store_client: StoreClient, queries: LiveQueries) -> None:
        """`memory` has the settings."""
        self._store_client = store_client
        self._queries = queries
        self._formless: set[str] = set()
        """Models that could not follow a form, in this run."""

    async def of(self, model: Values, row: Row) -> Path:
        """Return the path for a model's answer in this row."""
        name = model["name"]
        chosen = (await self._queries.settings()).get(SETTING)
        chosen = chosen.get(name) if type(chosen) is dict else None
        capable = "tools" in (model.get("capabilities") or ())
        if chosen == "tools" or (capable and chosen != "text"):
            return "tools"
        repairs = bool((row["detail"] or {}).get("repair"))
        return "format" if repairs and name not in self._formless and model.get("capabilities") else "text"

    async def unable(self, model: str, what: str, generation: str) -> None:
        """Remember what a model could not do."""
        if what != "tools":
            self._formless.add(model)
            return
        known = (await self._queries.settings()).get(SETTING)
        value = (known if type(known) is dict else {}) | {model: "text"}
        order = StoreOrder(verb="update", table="setting", id=SETTING, values={"value": value}, actor="system")
        answer = await self._store_client.ask(order, cause=f"generate-{generation}", id=f"path-{generation}")
        if answer.rows:
            self._queries.learn("setting", answer.rows[0], answer.revision)
