"""Runs imports block by block; resumes after a crash from the table `import`.

A block is one batch of the store: in one transaction, its rows are inserted and the progress of the import is updated,
but only if that is still the progress before the block. So no block is stored twice or in part, and a process that
restarts continues where the table says (docs/decisions/imports.md).
"""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from apps.registry import Registry
from apps.tables import Row, Table
from bus.bus import Bus
from bus.errors import NoAnswer, PianolaError, Refused
from bus.messages import StoreChanged, StoreOrder
from bus.store_client import ask_store
from bus.wire import Envelope
from web.files.exports import profile_names
from web.files.lines import Line, LineReader
from web.files.opening import open_rows
from web.store_client import every_row

FOLDER = "imports"
MOST_ROWS_OF_BLOCK = 999
"""With the update of the import: the most orders that a batch may have."""
MOST_BYTES_OF_BLOCK = 200_000
PAUSE_SECONDS = 1.0
"""Before the store is asked again when it did not answer."""

ACTIVE = ("running", "undoing")
"""States of an import that has work to do."""


class Stop(PianolaError):
    """An import cannot continue. Says why."""


@dataclass(slots=True)
class Block:
    """Lines that are stored together."""

    lines: list[Line]
    bytes: int = 0

    @property
    def good(self) -> list[Line]:
        """The lines without problems, which become rows."""
        return [line for line in self.lines if not line.problems]

    @property
    def is_full(self) -> bool:
        """Whether the next line goes into another block."""
        return len(self.lines) >= MOST_ROWS_OF_BLOCK or self.bytes >= MOST_BYTES_OF_BLOCK


def blocks_of(lines: Iterator[Line]) -> Iterator[Block]:
    """Cut lines into blocks; the same lines always give the same blocks. A row and its parts stay together."""
    block = Block([])
    for line in lines:
        if block.is_full and (not line.part or len(block.lines) >= MOST_ROWS_OF_BLOCK):
            yield block
            block = Block([])
        block.lines.append(line)
        block.bytes += len(json.dumps(line.values, ensure_ascii=False).encode())
    if block.lines:
        yield block


def insert_orders(table: Table, lines: Iterable[Line], first: int) -> list[Row]:
    """Return the orders that insert lines as rows, as parts of a batch, in which they begin with the number `first`.

    A part links to the row of an earlier order of the batch.
    """
    orders: list[Row] = []
    above = -1
    for place, line in enumerate(lines, start=first):
        above = above if line.part else place
        link = {table.nested: [{"order": above}]} if line.part and table.nested and above >= 0 else {}
        orders.append({"verb": "insert", "table": table.name, "id": line.key or 0, "values": {**line.values, **link}})
    return orders


class Importer:
    """Runs the imports of the table `import`, one at a time."""

    def __init__(
        self, bus: Bus, registry: Registry, home: Path, spawn: Callable[[Coroutine[Any, Any, None], str], Any]
    ) -> None:
        """`home`: contains the folder of uploaded files. Nothing happens before `listen` or `resume`."""
        self.folder = home / FOLDER
        self._bus = bus
        self._registry = registry
        self._spawn = spawn
        self._due: dict[int, bool] = {}
        """By the id of each import with a task: whether its row is to be read (again)."""
        self._lock = asyncio.Lock()
        self._began = time.time()

    def wake(self, row: Row) -> None:
        """Start to work on an import if its row says so; if a task works on it already, let that read the row again."""
        if row["id"] in self._due:
            self._due[row["id"]] = True
        elif row["state"] in ACTIVE:
            self._due[row["id"]] = True
            self._spawn(self._work(row["id"]), f"import {row['id']}")

    def listen(self) -> None:
        """Hear every change of an import."""
        self._bus.hear(StoreChanged, self._heard, "import")

    def resume(self) -> None:
        """Continue unfinished imports, also those whose fact was missed; delete the files that no import needs."""
        self._spawn(self._resume(), "imports")

    def _heard(self, heard: Envelope) -> None:
        fact: StoreChanged = heard.message
        if fact.verb == "delete":
            self.forget(fact.before)
        else:
            self.wake(fact.row)

    async def _resume(self) -> None:
        imports: list[Row] | None = None
        while imports is None:
            try:
                imports = await every_row(self._bus, "import", {})
            except PianolaError:  # the store is away; the status light says so
                await asyncio.sleep(PAUSE_SECONDS)
        for row in imports:
            self.wake(row)
        self._delete_unused({row["kept"] for row in imports})

    def _delete_unused(self, kept: set[str]) -> None:
        for path in self.folder.glob("*"):
            if path.name not in kept and path.stat().st_mtime < self._began:
                path.unlink(missing_ok=True)

    def forget(self, row: Row) -> None:
        """Delete the file of an import that no longer needs it."""
        if row["kept"]:
            (self.folder / Path(row["kept"]).name).unlink(missing_ok=True)

    # --- one import ---

    async def _work(self, key: int) -> None:
        try:
            while self._due[key]:
                self._due[key] = False
                async with self._lock:
                    await self._work_once(key)
        finally:
            del self._due[key]

    async def _work_once(self, key: int) -> None:
        row: Row = {}
        try:
            row = await self._row(key)
            if row.get("state") == "running":
                await self._import(row)
            elif row.get("state") == "undoing":
                await self._undo(row)
        except NoAnswer:
            await asyncio.sleep(PAUSE_SECONDS)
            self._due[key] = True
        except (PianolaError, OSError) as problem:
            await self._stop(row, str(problem))

    async def _row(self, key: int) -> Row:
        rows = (await self._ask(verb="list", table="import", where={"id": key})).rows
        return rows[0] if rows else {}

    async def _stop(self, row: Row, problem: str) -> None:
        """Stop an import and say why; do nothing if its state was changed meanwhile."""
        values = {"state": "stopped", "problem": problem[:2_000]}
        try:
            await self._update(row, values, {"state": row["state"]})
        except NoAnswer:
            self._due[row["id"]] = True

    async def _update(self, row: Row, values: Row, where: Row) -> None:
        try:
            await self._ask(verb="update", table="import", id=row["id"], values=values, where=where)
        except Refused as refused:
            if refused.code not in ("conflict", "not_found"):
                raise

    # --- import ---

    async def _import(self, row: Row) -> None:
        table = self._registry.tables.get(row["subject"])
        if table is None:
            raise Stop(
                f"The app of the table {row['subject']} is not there any more. Install it, then continue the import."
            )
        history = await self._history(row)
        names = await profile_names(self._bus)
        reader = LineReader(table, {name: key for key, name in names.items()}, row["target"])
        blocks = await asyncio.to_thread(self._blocks, reader, row)
        while block := await asyncio.to_thread(next, blocks, None):
            if not await self._store_block(row, table, block, history.cause):
                return
        await self._update(row, {"state": "done", "problem": ""}, {"state": "running", "blocks": row["blocks"]})
        self.forget(row)

    def _blocks(self, reader: LineReader, row: Row) -> Iterator[Block]:
        path = self.folder / Path(row["kept"]).name
        if not path.is_file():
            raise Stop("The uploaded file is not there any more. Undo this import, then upload the file again.")
        lines = reader.lines(open_rows(path, reader)[0])
        return blocks_of(islice(lines, row["read"], None))

    async def _store_block(self, row: Row, table: Table, block: Block, cause: str) -> bool:
        """Have a block stored; return whether to continue with the next one."""
        bad = [line for line in block.lines if line.problems]
        if bad and not row["skip"]:
            problem = bad[0].problems[0]
            raise Stop(f"Line {problem.line} cannot be imported any more: {problem.sentence}")
        values = {
            "blocks": row["blocks"] + 1,
            "done": row["done"] + len(block.good),
            "read": row["read"] + len(block.lines),
        }
        orders = insert_orders(table, block.good, first=1)  # behind the progress
        return await self._order(row, values, orders, cause, lambda place: f"Line {block.good[place].number}: ")

    async def _order(
        self, row: Row, values: Row, orders: list[Row], cause: str, name: Callable[[int], str] = lambda _: ""
    ) -> bool:
        """Carry out orders and the progress `values` in one batch; return False if the progress was changed meanwhile.

        `name`: returns the beginning of an error's sentence, by the number of the order that failed.
        """
        where = {"state": row["state"], "blocks": row["blocks"]}
        progress = {"verb": "update", "table": "import", "id": row["id"], "values": values, "where": where}
        order = StoreOrder(verb="batch", table="import", values={"orders": [progress, *orders]})
        heard = await self._bus.ask(order, "import", cause=cause, id=f"{cause}-{values['blocks']}")
        error = heard.message.error
        if not error:
            row |= values
            return True
        place = error.get("index", 0)
        if place == 0 and error["code"] in ("conflict", "not_found"):
            return False
        raise Stop(f"{name(place - 1) if place else ''}{error['message']}")

    # --- undo ---

    async def _undo(self, row: Row) -> None:
        history = await self._history(row)
        while row["blocks"]:
            made = await self._made(row["subject"], history.blocks[row["blocks"]])
            standing = [change["id"] for change in made if not change["undone_by"]]
            undo = {"verb": "undo", "table": row["subject"], "values": {"changes": standing}}
            values = {"blocks": row["blocks"] - 1, "done": row["done"] - len(made)}
            if not await self._order(row, values, [undo] if standing else [], history.cause):
                return
        await self._update(row, {"state": "undone", "problem": ""}, {"state": "undoing"})
        self.forget(row)

    async def _made(self, subject: str, order: str) -> list[Row]:
        return await every_row(self._bus, "change", {"asked": order, "subject": subject, "verb": "insert"})

    async def _history(self, row: Row) -> "ImportHistory":
        changes = await every_row(self._bus, "change", {"subject": "import", "row": row["id"]})
        return ImportHistory.of(changes)

    async def _ask(self, **order: Any) -> Any:
        return await ask_store(self._bus, StoreOrder(**order))


@dataclass(frozen=True, slots=True)
class ImportHistory:
    """What the history says about an import. `cause`: id of the order that started it last."""

    cause: str
    blocks: dict[int, str]
    """Ids of the orders that stored the blocks, by their number."""

    @classmethod
    def of(cls, changes: list[Row]) -> "ImportHistory":
        """Return the history in `changes` of the import's row, the oldest first."""
        cause, blocks, before = "", dict[int, str](), 0
        for change in changes:
            after = change["after"]
            cause = change["asked"] if after.get("state") in ACTIVE else cause
            if after.get("blocks", before) > before:
                blocks[after["blocks"]] = change["asked"]
            before = after.get("blocks", before)
        return cls(cause, blocks)
