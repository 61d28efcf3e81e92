"""Read the corpus: files of replies, each with its correct outcome.

A file begins with `app: NAME` (see `SCOPES`) and comments (`#`). A case is `=== name`, then the reply as the model
wrote it, optionally `--- calls` and its native tool calls (one JSON value per line), and last one of

- `--- do`, then one line for each instruction: operation, table, and its values (`read_expected`);
- `--- nothing`: the reply is only talk;
- `--- correct: WORDS`: nothing is done, and the sentence sent back to the model contains these words.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.tables import Field, Table
from apps.todo.store import TODO
from bench.real.orders import tables_of
from services.agent.parse.instructions import Scope

FOLDER = Path(__file__).parent / "replies"

CONTACT = Table(
    "contact",
    (
        Field("name", required=True),
        Field("kind", choices=("customer", "supplier"), default="customer"),
        Field("stars", "integer"),
        Field("more", "json"),
    ),
)
DEAL = Table("deal", (Field("title", required=True), Field("amount", "real"), Field("won", "boolean")))

APPS = ("todo", "profiles", "crm", "plants", "pantry", "money")
SCOPES = {
    "todo": Scope("todo", (TODO,), APPS),
    "crm": Scope("crm", (CONTACT, DEAL), APPS),
    **{app: Scope(app, tables_of(app), APPS) for app in ("plants", "pantry", "money")},
}

Orders = list[tuple[Any, ...]]


@dataclass(slots=True)
class Case:
    """A reply and its correct outcome: orders, nothing, or words of the correction."""

    file: str
    name: str
    scope: Scope
    text: str = ""
    calls: list[Any] = field(default_factory=list)
    orders: Orders = field(default_factory=list)
    correction: str = ""


def read_corpus() -> list[Case]:
    """Return all cases, in the order of the files."""
    return [case for file in sorted(FOLDER.glob("*.txt")) for case in read_cases(file)]


def read_cases(file: Path) -> Iterator[Case]:
    """Yield the cases of one file."""
    head, *blocks = file.read_text().split("\n=== ")
    scope = SCOPES[head.partition("\n")[0].removeprefix("app: ")]
    for block in blocks:
        name, _, rest = block.partition("\n")
        yield read_case(Case(file.stem, name, scope), f"\n{rest}")


def read_case(case: Case, block: str) -> Case:
    """Complete a case from its block."""
    case.text, _, rest = block.partition("\n--- ")
    case.text = case.text.removeprefix("\n")
    if rest.startswith("calls\n"):
        calls, _, rest = rest.removeprefix("calls\n").partition("\n--- ")
        case.calls = [json.loads(line) for line in calls.splitlines()]
    kind, _, lines = rest.partition("\n")
    if kind.startswith("correct: "):
        case.correction = kind.removeprefix("correct: ")
    elif kind == "do":
        case.orders = [read_expected(line) for line in lines.splitlines() if line]
    elif kind != "nothing":
        raise ValueError(f"{case.file}: {case.name}: the outcome is {kind!r}. Expected: do, nothing, or correct: …")
    return case


def read_expected(line: str) -> tuple[Any, ...]:
    """Return the order in a line, in the form of `bench.piano.outcome.orders_of`."""
    operation, *rest = line.split(" ", 2 if line.startswith(("insert", "list", "search")) else 3)
    match operation:
        case "open":
            return ("open", rest[0])
        case "insert" | "list":
            return (operation, rest[0], json.loads(rest[1]))
        case "search":
            return (operation, rest[0], rest[1])
        case "update":
            decoder = json.JSONDecoder()
            values, end = decoder.raw_decode(rest[2])
            return (operation, rest[0], int(rest[1]), values, json.loads(rest[2][end:] or "{}"))
        case "toggle":
            return (operation, rest[0], int(rest[1]), rest[2])
        case "sort":
            return (operation, rest[0], int(rest[1]), int(rest[2]))
    return (operation, rest[0], int(rest[1]), json.loads(rest[2] if rest[2:] else "{}"))
