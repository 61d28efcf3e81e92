"""Messages that a stranger could send: of every kind, in the right form, with usual, odd and extreme values."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgpack

from apps.core import CORE
from apps.tables import Field, Row, Table
from bus.messages import CATALOGUE, Message, StoreOrder
from bus.wire import topic

INTEGERS = (0, 1, -1, 2, 3, 7, 64, 2**31, 2**53, 2**62, 2**63 - 1, -(2**63), 2**64 - 1)
NUMBERS = (0.0, 1.5, -1.0, 1e308, -1e308, float("nan"), float("inf"), 1_765_432_109_876.0)
TEXTS = (
    "", "x", "todo", "message", "setting", "profile", "import", "conversation", "change", "none", "store", "web",
    "agent", "llm_worker", "broker", "1.0", "1.1", "2.1", "3.1", "embedded/x", "milk", "ollama", "-", "%s{}", "a/b",
    "\x00", "\u202e\u0085\r\n", "<script>alert(1)</script>", "é" * 300, "y" * 30_000,
)  # fmt: skip
NAMES = (
    "name", "size", "loaded", "server", "local", "kind", "address", "problem", "title", "licence", "from", "models",
    "words", "role", "content", "code", "message", "index", "change", "text", "id", "table", "row", "operation",
    "instruction", "instructions", "would", "changes", "undone", "spans", "calls", "tokens", "played", "path", "folded",
    "happened", "problems", "sample", "left_out", "window", "query", "filter", "value", "context", "capabilities",
)  # fmt: skip
"""Keys of the maps that our processes look into."""

SETTINGS = (
    "mode", "model", "profile", "app", "conversation", "theme", "ask", "persona", "personas", "prompt_files", "paths",
    "remark_model", "models", "comments_per_minute", "comment_tokens_per_hour", "player",
)  # fmt: skip


@dataclass
class Known:
    """What is true in the system: with it, messages look as if they came from within. `senders`: of its processes."""

    senders: dict[str, str]
    tables: dict[str, Table]
    revision: int = 0


class Strangers:
    """Makes messages from a seed, so that a failure can be repeated."""

    def __init__(self, seed: int, known: Known) -> None:
        self.random = random.Random(seed)
        self.known = known
        self.number = 0

    def messages(self, each: int) -> Iterator[list[bytes]]:
        """Yield the frames of `each` messages of every kind, mixed."""
        kinds = list(CATALOGUE) * each
        self.random.shuffle(kinds)
        return (self.frames(kind) for kind in kinds)

    def frames(self, kind: str) -> list[bytes]:
        """Return one message."""
        self.number += 1
        body = self.body(CATALOGUE[kind])
        key = self.key(body)
        return [topic(kind, key)[:500], msgpack.packb(self.header(kind, body)), msgpack.packb(body)]

    def key(self, body: Row) -> str:
        usual = [body[name] for name in ("table", "conversation", "process", "app", "model") if body.get(name)]
        return str(self.random.choice([*usual, *self.known.senders.values(), "", "1"]))

    def header(self, kind: str, body: Row) -> Row:
        sender = self.random.choice(["stranger-1", *self.known.senders.values()])
        if kind == "service.changed" and self.random.random() < 0.5:
            sender = f"{body.get('process')}-{body.get('run')}"
        if kind.startswith("store.") and kind != "store.order" and self.random.random() < 0.7:
            sender = self.known.senders["store"]
        until = self.random.choice([0.0, 0.0, 0.0, 1.0, 4e9])
        header = {
            "v": 1,
            "id": f"stranger-{self.number}",
            "cause": self.random.choice(["", "answer-1", "generate-1.1"]),
            "sender": sender,
            "seq": self.random.choice([self.number, 1, 2**62]),
            "sent": 1e9,
            "until": until,
        }
        if self.random.random() < 0.05:
            del header[self.random.choice(list(header))]
        if self.random.random() < 0.05:
            header[self.random.choice(list(header))] = self.anything()
        return header

    # --- bodies ---

    def body(self, message: type[Message]) -> Row:
        """Return a body: mostly of the right types, sometimes with a field that is missing or of another type."""
        hints = get_type_hints(message)
        body = {one.name: self.value(hints[one.name], one.name) for one in fields(message)}  # type: ignore[arg-type]  # a dataclass
        if message is StoreOrder and self.random.random() < 0.7:
            body |= self.good_order()
        if message.kind == "store.changed" and self.random.random() < 0.7:
            body |= self.good_fact()
        if body and self.random.random() < 0.05:
            body.pop(self.random.choice(list(body)))
        if body and self.random.random() < 0.05:
            body[self.random.choice(list(body))] = self.anything()
        return body

    def value(self, hint: Any, name: str = "") -> Any:
        """Return a value of a field's type."""
        if get_origin(hint) is Literal:
            return self.random.choice(get_args(hint))
        if get_origin(hint) is dict or hint is dict:
            return self.map()
        if get_origin(hint) is list:
            return [self.value(get_args(hint)[0]) for _ in range(self.random.choice([0, 1, 3]))]
        if options := get_args(hint):
            return self.value(self.random.choice(options))
        choices = {str: TEXTS, int: INTEGERS, float: NUMBERS, bool: (True, False)}[hint]
        if name in ("revision", "change") and self.random.random() < 0.5:
            return self.known.revision + self.random.choice([-1, 0, 1, 2, 1000])
        return self.random.choice(choices)

    def map(self, depth: int = 0) -> Row:
        names = self.random.sample(NAMES, self.random.choice([0, 2, 5, 9]))
        return {name: self.anything(depth + 1) for name in names}

    def anything(self, depth: int = 0) -> Any:
        if depth < 3 and self.random.random() < 0.4:
            many = [self.anything(depth + 1) for _ in range(self.random.choice([0, 1, 3]))]
            return self.random.choice([self.map(depth + 1), many])
        return self.random.choice([None, True, b"\xff", *TEXTS, *INTEGERS, *NUMBERS])

    # --- what fits a table ---

    def good_order(self) -> Row:
        """Return an order that the store would carry out, if its values fit."""
        table = self.random.choice([*self.known.tables.values(), *CORE])
        verb = self.random.choice(["insert", "insert", "update", "update", "toggle", "delete", "list", "sort"])
        key = self.random.choice(SETTINGS) if table.name == "setting" else self.key_of(table)
        key = 0 if verb == "insert" and not table.keyed else key
        values = self.values(table) if verb in ("insert", "update") else {"field": "done", "after": 0}
        if verb == "update" and not table.keyed:
            values = {name: values[name] for name in self.random.sample(list(values), min(2, len(values)))}
        return {"verb": verb, "table": table.name, "id": key, "values": values, "where": {}, "limit": 0, "offset": 0}

    def good_fact(self) -> Row:
        table = self.random.choice([*self.known.tables.values(), *CORE])
        key = self.key_of(table)
        verb = self.random.choice(["insert", "update", "delete"])
        row, before = ({"id": key, **self.values(table)} for _ in range(2))
        return {
            "table": table.name,
            "verb": verb,
            "id": key,
            "row": {} if verb == "delete" else row,
            "before": {} if verb == "insert" else before,
            "actor": self.random.choice(["user", "model", "system"]),
        }

    def key_of(self, table: Table) -> int | str:
        if table.keyed:
            return self.random.choice(SETTINGS if table.name == "setting" else ("1.1", "x"))
        return self.random.choice([1, 2, 3, 5, 8, 2**62])

    def values(self, table: Table) -> Row:
        return {name: self.fitting(one) for name, one in table.all_fields.items()}

    def fitting(self, one: Field) -> Any:
        """Return a value that fits a field."""
        if one.choices:
            return self.random.choice(one.choices)
        if one.type == "text":
            return self.random.choice(TEXTS)[: one.limit] or ("x" if one.required else "")
        if one.type in ("real", "time"):
            return self.random.choice([0.0, 1.5, -1.0, 1e308, 1.7e9, 1_765_432_109_876.0])
        if one.type == "integer":
            return self.random.choice([0, 1, 2, 3, 2**31, 2**63 - 1, -(2**63)])
        if one.type == "boolean":
            return self.random.choice([True, False])
        return self.detail() if one.shape else self.json()

    def detail(self) -> Any:
        """Return what may stand in the detail of a message or an import: its shape, with odd contents."""
        json, number = self.json, self.random.choice([0, 1, -1, 5, 2**31])
        known = {
            "would": [{"operation": "insert", "table": "todo", "row": number, "before": {}, "after": {"x": json()}}],
            "changes": [number],
            "spans": [[0, number]],
            "undone": {"1": json()},
            "instruction": {"operation": json()},
            "instructions": [{"table": json()}],
            "calls": [{"name": json()}],
            "tokens": {"prompt": json(), "answer": number},
            "results": json(),
            "block": json(),
            "first": json(),
            "reads": json(),
            "played": json(),
            "app": "todo",
            "generation": "1.1",
        }
        chosen = self.random.sample(list(known), self.random.choice([0, 3, 8]))
        empty = {"problems": [], "sample": [{"title": json()}], "left_out": ["x"]}
        return empty | {name: known[name] for name in chosen}

    def json(self, depth: int = 0) -> Any:
        """Return a value that JSON can express."""
        if depth < 3 and self.random.random() < 0.6:
            names = self.random.sample(NAMES, self.random.choice([0, 2, 5]))
            many = [self.json(depth + 1) for _ in range(self.random.choice([0, 1, 3]))]
            return self.random.choice([{name: self.json(depth + 1) for name in names}, many])
        return self.random.choice([None, True, "x", "todo", "<b>", 0, -1, 2**63, 1.5, 1e308, "y" * 2000])
