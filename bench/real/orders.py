"""Read and check the orders: one TOML file for each app. `bench/real/README.md` says how an order is written."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from apps.tables import BadValue, Row, Table
from bench.real.effects import Effect, Verb, judged_fields, title_of
from bus.errors import PianolaError

FOLDER = Path(__file__).parent / "orders"
NEW_FOLDER = Path(__file__).parent / "new_orders"
"""Orders over other apps, by which a taught player is judged. A test says that no phrase of `training/` is like one."""
SETS = {"": FOLDER, "new": NEW_FOLDER}
"""The option `SET` to the folder of its orders."""

PACKAGES = {
    "todo": "apps.todo",
    "plants": "bench.real.apps.plants",
    "pantry": "bench.real.apps.pantry",
    "money": "bench.real.apps.money",
    "repairs": "bench.real.apps.repairs",
    "bees": "bench.real.apps.bees",
    "choir": "bench.real.apps.choir",
}
"""App to its package; all but the first are those of this folder."""

LANGUAGES = ("en", "de", "fr", "es", "it")

KINDS = (
    "add", "change", "choice", "number", "paraphrase", "polite", "several", "condition", "move", "delete",
    "correction", "slip", "other table", "talk", "question", "quote", "third person", "row as order", "absent",
)  # fmt: skip

Asking = Literal["no", "may", "must"]
ASKING: tuple[Asking, ...] = ("no", "may", "must")
KEYS = {"id", "kind", "language", "rows", "says", "earlier", "right", "also_right", "ask", "answer"}
NEEDED = ("id", "kind", "language", "rows", "says", "right")


class BadOrder(PianolaError):
    """An order is not written as it should be."""

    def __init__(self, file: Path, where: str, problem: str) -> None:
        super().__init__(f"{file.name}: {where}: {problem}")


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that was said before: the user's words, and the model's reply, which the product carries out."""

    user: str
    assistant: str


@dataclass(frozen=True, slots=True)
class Order:
    """What a user says, what there is before, and what is right."""

    id: str
    kind: str
    language: str
    app: str
    tables: tuple[Table, ...]
    rows: dict[str, list[Row]]
    """Table to the rows that are there before, each with its id."""
    says: str
    accepted: tuple[tuple[Effect, ...], ...]
    """Outcomes that are right: each is all that is done to the rows; () is nothing."""
    ask: Asking
    """Whether the assistant may, must or must not ask before it does it."""
    earlier: tuple[Turn, ...] = ()
    answer: str = ""
    """A pattern of words (`~a b|c`) that the answer to a question must contain; "" for any answer."""

    @property
    def wants_something(self) -> bool:
        """Whether anything is to be done."""
        return any(self.accepted)


def read_orders(folder: Path = FOLDER) -> list[Order]:
    """Return all orders, in the order of the files. Raise `BadOrder`."""
    orders = [order for file in sorted(folder.glob("*.toml")) for order in read_file(file)]
    known: set[str] = set()
    for order in orders:
        if order.id in known:
            raise BadOrder(folder, order.id, "there are two orders with this id. Give each its own.")
        known.add(order.id)
    return orders


def read_file(file: Path) -> list[Order]:
    """Return the orders of one file."""
    try:
        content = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise BadOrder(file, "the file", f"it is not TOML: {error}") from error
    app = content.get("app")
    if app not in PACKAGES:
        raise BadOrder(file, "app", f"it is {app!r:.40}. Expected one of: {', '.join(PACKAGES)}.")
    reader = OrderReader(file, app, tables_of(app), content.get("rows") or {})
    return [reader.read(one) for one in content.get("order") or ()]


def tables_of(app: str) -> tuple[Table, ...]:
    """Return the tables of an app, as it declares them."""
    return tuple(import_module(f"{PACKAGES[app]}.store").tables())


class OrderReader:
    """Reads the orders of one file. Every name, value and title in them is checked against the app's tables."""

    def __init__(self, file: Path, app: str, tables: tuple[Table, ...], rows: dict[str, Any]) -> None:
        """`rows`: name of a set of rows to table to rows."""
        self._file, self._app, self._tables = file, app, tables
        self._rows = {name: self._checked_rows(name, one) for name, one in rows.items()}
        self._where = ""

    def read(self, raw: Row) -> Order:
        """Return one order."""
        self._where = str(raw.get("id") or f"the order that says {raw.get('says')!r:.60}")
        for name in NEEDED:
            if name not in raw:
                raise self._bad(f"it has no `{name}`.")
        if strange := set(raw) - KEYS:
            raise self._bad(f"it has {', '.join(sorted(strange))}. Known: {', '.join(sorted(KEYS))}.")
        earlier = tuple(Turn(one["user"], one["assistant"].strip()) for one in raw.get("earlier") or ())
        rows = self._rows[self._one_of("rows", raw["rows"], tuple(self._rows))]
        known = " ".join([*(str(row) for some in rows.values() for row in some), *(one.assistant for one in earlier)])
        accepted = tuple(
            tuple(self._effect(one, known) for one in outcome) for outcome in (raw["right"], *raw.get("also_right", ()))
        )
        return Order(
            id=raw["id"],
            kind=self._one_of("kind", raw["kind"], KINDS),
            language=self._one_of("language", raw["language"], LANGUAGES),
            app=self._app,
            tables=self._tables,
            rows=rows,
            says=raw["says"],
            accepted=accepted,
            ask=self._asking(raw, accepted),
            earlier=earlier,
            answer=raw.get("answer", ""),
        )

    def _asking(self, raw: Row, accepted: Sequence[Sequence[Effect]]) -> Asking:
        """Return whether it may be asked about: as the order says, else deletes must be, and nothing else may."""
        deletes = bool(accepted[0]) and any(one.verb == "delete" for one in accepted[0])
        asking: Asking = raw.get("ask", "must" if deletes else "no")
        self._one_of("ask", asking, ASKING)
        return asking

    # --- effects ---

    def _effect(self, raw: Row, known: str) -> Effect:
        verb: Verb | None = next((one for one in ("add", "change", "delete", "order") if one in raw), None)
        if verb is None:
            raise self._bad(f"the effect {raw!r:.80} has none of: add, change, delete, order.")
        table = self._table(raw["add"] if verb == "add" else raw.get("in", self._tables[0].name))
        values = {name: value for name, value in raw.items() if name not in (verb, "in")}
        for name in values:
            if name not in judged_fields(table):
                raise self._bad(f"`{table.name}` has no field {name!r:.40}. It has: {', '.join(judged_fields(table))}.")
        if verb == "order":
            return Effect(verb, table, titles=tuple(self._title(one, table, known) for one in raw[verb]))
        if verb == "add":
            return Effect(verb, table, values=values)
        return Effect(verb, table, title=self._title(raw[verb], table, known), values=values)

    def _title(self, title: Any, table: Table, known: str) -> str:
        """Return the title of a row, which must be there before, or stand in a reply of the earlier talk."""
        if type(title) is not str or title.replace("'", "") not in known.replace("\\'", "'").replace("'", ""):
            raise self._bad(f"there is no row {title!r:.60} in `{table.name}` before.")
        return title

    def _table(self, name: Any) -> Table:
        found = next((one for one in self._tables if one.name == name), None)
        if found is None:
            names = ", ".join(one.name for one in self._tables)
            raise self._bad(f"the app {self._app} has no table {name!r:.40}. It has: {names}.")
        return found

    # --- rows ---

    def _checked_rows(self, name: str, raw: dict[str, Any]) -> dict[str, list[Row]]:
        self._where = f"rows.{name}"
        return {table: [self._checked_row(one, self._table(table)) for one in rows] for table, rows in raw.items()}

    def _checked_row(self, raw: Row, table: Table) -> Row:
        if type(raw.get("id")) is not int or not raw.get(title_of(table)):
            raise self._bad(f"the row {raw!r:.80} needs an `id` (1, 2, 3 …) and `{title_of(table)}`.")
        for name, value in raw.items():
            if name != "id" and name not in judged_fields(table):
                raise self._bad(f"`{table.name}` has no field {name!r:.40}. It has: {', '.join(judged_fields(table))}.")
            try:
                if name != "id":
                    table.all_fields[name].checked(value)
            except BadValue as problem:
                raise self._bad(str(problem)) from problem
        return raw

    # --- checks ---

    def _one_of(self, name: str, value: Any, known: Sequence[str]) -> str:
        if value not in known:
            raise self._bad(f"`{name}` is {value!r:.40}. Expected one of: {', '.join(known)}.")
        return str(value)

    def _bad(self, problem: str) -> BadOrder:
        return BadOrder(self._file, self._where, problem)
