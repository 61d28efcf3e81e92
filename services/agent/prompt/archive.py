"""Keep what the model was told, exactly, for each generation: who asks "why?" later sees it layer by layer.

A row of `told`, under the name of the generation, lists its parts in their order; the texts are rows of `layer`, under
their hash, so that what is the same for many generations is kept once. Both are forgotten after some weeks.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator

from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreOrder
from services.agent.prompt.build import BuiltPrompt
from services.agent.state.store_client import StoreClient

DAY_SECONDS = 86_400.0
KEPT_DAYS = 30
LONGEST_PART = 100_000
"""Characters; longer than what fits any window that is used."""


class Archive:
    """Writes, while the model already thinks; never in the way of an answer."""

    def __init__(self, store_client: StoreClient, warn: Callable[[str], None]) -> None:
        """`warn`: gets a sentence when something could not be kept."""
        self._store_client = store_client
        self._warn = warn
        self._used: set[str] = set()
        """Layers that are marked as in use today."""
        self._tidied = 0.0

    async def keep(self, row: Row, built: BuiltPrompt) -> None:
        """Keep what a generation was told."""
        try:
            await self._tidy(time.time())
            await self._keep(row, built)
        except PianolaError as problem:
            self._warn(f"what the model was told could not be kept: {problem}")

    async def _keep(self, row: Row, built: BuiltPrompt) -> None:
        parts = list(parts_of(built))
        new = {key_of(text): text for _, _, text in parts if key_of(text) not in self._used}
        values = {
            "conversation": row["conversation"],
            "message": row["id"],
            "model": built.order.model,
            "path": built.path,
            "parts": [{"kind": kind, "name": name, "layer": key_of(text)} for kind, name, text in parts],
        }
        name = built.order.generation
        orders: list[Row] = [
            {"verb": "update", "table": "layer", "id": key, "values": {"text": text, "used": time.time()}}
            for key, text in new.items()
        ]
        orders.append({"verb": "update", "table": "told", "id": name, "values": values})
        order = StoreOrder(verb="batch", table="told", values={"orders": orders}, actor="system")
        await self._store_client.ask(order, cause=f"generate-{name}", id=f"told-{name}")
        self._used.update(new)

    async def _tidy(self, now: float) -> None:
        """Once a day forget what is old, and mark anew what is in use."""
        if now - self._tidied < DAY_SECONDS:
            return
        self._tidied = now
        self._used.clear()
        old = now - KEPT_DAYS * DAY_SECONDS
        await self._forget("told", {"created": {"to": old}})
        await self._forget("layer", {"used": {"to": old - 2 * DAY_SECONDS}})

    async def _forget(self, table: str, where: Row) -> None:
        while await self._store_client.list(table, where, limit=1):
            await self._store_client.ask(StoreOrder(verb="delete", table=table, where=where, actor="system"))


def parts_of(built: BuiltPrompt) -> Iterator[tuple[str, str, str]]:
    """Yield kind (layer, tools, format, turn), name and text of each part, as the model read them."""
    for layer in built.layers:
        yield "layer", layer.name, layer.text
    if built.order.tools:
        yield "tools", "Tools", json.dumps(built.order.tools, ensure_ascii=False)
    if built.order.format:
        yield "format", "Form of the answer", json.dumps(built.order.format, ensure_ascii=False)
    for message in built.order.messages[1:]:
        calls = message.get("tool_calls")
        text = json.dumps(calls, ensure_ascii=False) if calls else ""
        yield "turn", message["role"], f"{message['content']}\n{text}".strip()[:LONGEST_PART]


def key_of(text: str) -> str:
    """Return the id of a layer with this text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
