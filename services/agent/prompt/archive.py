"""Keep exactly what the model was told for each generation, so that the page can show it later, layer by layer.

A row of `told`, whose id is the name of the generation, lists its parts in order. Their texts are rows of `layer`. The
id of a layer is the hash of its text, so that a text which many generations share is stored once. Both are deleted
after `ARCHIVE_DAYS`.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator

from apps.tables import Row
from bus.errors import PianolaError
from bus.messages import StoreOrder
from bus.store_client import StoreClient
from services.agent.limits import ARCHIVE_DAYS, MAX_ARCHIVED_TURN
from services.agent.prompt.build import BuiltPrompt

DAY_SECONDS = 86_400.0


class Archive:
    """Stores prompts. It writes while the model already works, so that no answer waits for it."""

    def __init__(self, store_client: StoreClient, warn: Callable[[str], None]) -> None:
        """`warn`: gets a sentence when a prompt could not be stored."""
        self._store_client = store_client
        self._warn = warn
        self._used: set[str] = set()
        """Ids of layers that were stored, or marked as used, since the last cleaning."""
        self._cleaned_at = 0.0

    def forget(self) -> None:
        """Store all layers again when they are used: the store has deleted some."""
        self._used.clear()

    async def keep(self, row: Row, built: BuiltPrompt, since: int) -> None:
        """Store what a generation was told. A failure is only logged. `since`: as in `StoreOrder`."""
        try:
            await self._clean_up_daily(time.time())
            await self._keep(row, built, since)
        except PianolaError as problem:
            self._warn(f"what the model was told could not be stored: {problem}")

    async def _keep(self, row: Row, built: BuiltPrompt, since: int) -> None:
        parts = list(archived_parts(built))
        files = {layer.name: layer.file for layer in built.layers}
        new = {layer_id(text): text for _, _, text in parts if layer_id(text) not in self._used}
        values = {
            "conversation": row["conversation"],
            "message": row["id"],
            "model": built.order.model,
            "path": built.path,
            "parts": [
                {"kind": kind, "name": name, "layer": layer_id(text)}
                | ({"file": files[name]} if kind == "layer" and files[name] else {})
                for kind, name, text in parts
            ],
        }
        name = built.order.generation
        orders: list[Row] = [
            {"verb": "update", "table": "layer", "id": key, "values": {"text": text, "used": time.time()}}
            for key, text in new.items()
        ]
        orders.append({"verb": "update", "table": "told", "id": name, "values": values})
        order = StoreOrder(verb="batch", table="told", values={"orders": orders}, actor="system", since=since)
        await self._store_client.ask(order, cause=f"generate-{name}", id=f"told-{name}")
        self._used.update(new)

    async def _clean_up_daily(self, now: float) -> None:
        """Once a day delete old rows; layers that are still in use are marked again afterwards."""
        if now - self._cleaned_at < DAY_SECONDS:
            return
        self._cleaned_at = now
        self._used.clear()
        old = now - ARCHIVE_DAYS * DAY_SECONDS
        await self._delete("told", {"created": {"to": old}})
        await self._delete("layer", {"used": {"to": old - 2 * DAY_SECONDS}})

    async def _delete(self, table: str, where: Row) -> None:
        while await self._store_client.list(table, where, limit=1):
            await self._store_client.ask(StoreOrder(verb="delete", table=table, where=where, actor="system"))


def archived_parts(built: BuiltPrompt) -> Iterator[tuple[str, str, str]]:
    """Yield kind (layer, tools, format or turn), name and text of each part, in the order in which the model reads."""
    for layer in built.layers:
        yield "layer", layer.name, layer.text
    if built.order.tools:
        yield "tools", "Tools", json.dumps(built.order.tools, ensure_ascii=False)
    if built.order.format:
        yield "format", "Form of the answer", json.dumps(built.order.format, ensure_ascii=False)
    for message in built.order.messages[1:]:
        calls = message.get("tool_calls")
        text = json.dumps(calls, ensure_ascii=False) if calls else ""
        yield "turn", message["role"], f"{message['content']}\n{text}".strip()[:MAX_ARCHIVED_TURN]


def layer_id(text: str) -> str:
    """Return the id of a layer with this text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
