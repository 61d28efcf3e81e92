"""A program that comes over HTTP with a key of its own."""

import json
import time
from collections.abc import Mapping
from typing import Any

from bus.clients.file import add_client, remove_client
from bus.clients.keys import CALENDAR, new_key
from tests.support.http_client import Visitor
from tests.support.system import System


class Program:
    """A program with a key, which it gives back at the end."""

    names = iter(range(1_000_000))

    def __init__(
        self,
        system: System,
        *,
        read_only: bool = False,
        tables: tuple[str, ...] = (),
        days: int = 30,
        calendar: bool = False,
    ) -> None:
        """`days`: how long the key is valid; less than 0: it has expired."""
        self.name = f"program-{next(self.names)}"
        self.file = system.settings.clients_file
        made = time.time() if days > 0 else time.time() - 86_400 * 2
        self.key, kept = new_key(
            self.name, read_only=read_only, tables=tables, days=abs(days), now=made, calendar=calendar
        )
        add_client(self.file, kept)
        self.visitor = Visitor(system)

    @property
    def authorization(self) -> dict[str, str]:
        """The header with its key."""
        return {"Authorization": f"Bearer {self.key}"}

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        remove_client(self.file, self.name)

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send a request, with a body as JSON; return the status, and the answer from JSON."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        sent |= {"Authorization": f"Bearer {self.key}"}
        data = None if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        status, _, text = self.visitor.ask(path, method=method, headers=sent, known=False, body=data)
        return status, json.loads(text)

    def order(self, verb: str, *, key: str = "", **fields: Any) -> tuple[int, Any]:
        return self.ask("/orders", {"verb": verb, **fields}, **({"Idempotency_Key": key} if key else {}))

    def insert(self, title: str, **values: Any) -> dict[str, Any]:
        status, told = self.order("insert", table="todo", values={"title": title, **values})
        assert status == 200, told
        return told["rows"][0]

    def calendar(self, headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        """Ask for the calendar, as a calendar program does: with the key in the address."""
        return self.visitor.ask(f"{CALENDAR}?key={self.key}", headers=headers, known=False)
