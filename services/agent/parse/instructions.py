"""Check an instruction of the model against the open app's tables, and turn it into an order. Pure.

Tables and fields come from the declarations, never from the model's text. Any other name is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.core import APP, JOB, ONLY_READ, PROFILE
from apps.names import compared, without_article
from apps.shown.look import MONTH, VIEW, read_look, written
from apps.shown.view import OPTIONS
from apps.tables import BadValue, Row, Table
from apps.types.reader import HERE, Reader
from apps.work.runs import RUN
from bus.messages import StoreOrder
from services.agent.limits import MAX_ROWS_PER_PAGE, MAX_SEARCH_TEXT
from services.agent.parse.arguments import (
    BadInstruction,
    argument,
    id_of,
    title_in_place_of_id,
    values_of,
    where_of,
    whole_number,
)
from services.agent.parse.drafts import proposing
from services.agent.parse.jobs import AppJob, Work, named_job, operation_on_job, order_of, work_of
from services.agent.parse.normalise import CALL, OPERATIONS, SHAPES, WORK_OPERATIONS, operation_in
from services.agent.parse.tools import OtherTool, ToolCall, call_of, is_call

IN_ADDRESS = (VIEW, MONTH, *dict.fromkeys(option for options in OPTIONS.values() for option in options))
"""What an instruction that opens a view may say of it."""
READS = ("list", "get", "search")
WRITES = ("insert", "update", "delete", "toggle", "sort")
MAX_OPERATION_NAME = 200
"""Characters; a longer name of an operation is not looked at."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the model may act: the open app with its tables, the profile in view, and the names of all apps."""

    app: str
    tables: tuple[Table, ...]
    apps: tuple[str, ...]
    profile: int = 1
    elsewhere: tuple[Table, ...] = ()
    """Tables of other apps: they may be read, and changed when the user agrees."""
    jobs: tuple[AppJob, ...] = ()
    """Long work of the open app."""
    jobs_elsewhere: tuple[AppJob, ...] = ()
    """Long work of other apps: it is started when the user agrees."""
    shown: Mapping[str, Table] = field(default_factory=dict)
    """The table whose rows each app shows, by the app's name."""
    reader: Reader = HERE
    """Whose words the model has heard: in which language and zone they mean dates and amounts."""
    tools: tuple[OtherTool, ...] = ()
    """Tools of other programs."""

    @property
    def work(self) -> tuple[tuple[AppJob, ...], tuple[AppJob, ...]]:
        """All long work: of the open app, and of others."""
        return self.jobs, self.jobs_elsewhere

    def table(self, name: Any) -> Table:
        """Return the table with this name or label, in any case; the app's only one, when the model named none."""
        if name is None and len(self.tables) == 1:
            return self.tables[0]
        wanted = compared(name) if type(name) is str else ""
        every = (*self.tables, *self.elsewhere)
        named = (one for spelled in (names_of, labels_of) for one in every if wanted in spelled(one))
        found = next(named, None) if wanted else None
        if found is None:
            names = ", ".join(one.name for one in self.tables) or "none"
            others = f" Other apps have: {', '.join(one.name for one in self.elsewhere)}." if self.elsewhere else ""
            raise BadInstruction(f"The open app {self.app} has no table {name!r:.60}. It has: {names}.{others}")
        return found

    def operation(self, name: Any) -> tuple[str, str | None]:
        """Return our operation for a name, and the table or job that the name contains (`insert_todo`), or None."""
        if type(name) is str and len(name) <= MAX_OPERATION_NAME:
            if plain := operation_in(name):
                return plain, None
            for one in (*self.tables, *self.elsewhere):
                for spelled in (f"{one.name}s", one.name):
                    plain = operation_in(name.casefold().replace(".", "_").replace(spelled, "", 1).strip("_"))
                    if plain and spelled in name.casefold():
                        return plain, one.name
            if named_job(name, (*self.jobs, *self.jobs_elsewhere)):
                return "run", name
        known = (*OPERATIONS, *(WORK_OPERATIONS if self.jobs else ()))
        raise BadInstruction(f"There is no operation {name!r:.60}. There are: {', '.join(known)}.")


def names_of(table: Table) -> tuple[str, ...]:
    """Return the names of a table that a model may write, as `compared` has them."""
    return compared(table.name), compared(f"{table.name}s")


def labels_of(table: Table) -> tuple[str, ...]:
    """Return the labels of a table that a model may write: "a plant" and "plant"."""
    label = compared(table.label)
    return label, without_article(label)


@dataclass(frozen=True, slots=True)
class Step:
    """A checked instruction: the order that carries it out, or the app to open."""

    operation: str
    order: StoreOrder | None = None
    table: Table | None = None
    app: str = ""
    look: Mapping[str, str] | None = None
    """For an app to open: how its rows are to be shown, as its address says it ({}: as the list); None: as they are."""
    work: Work | None = None
    """The job that it starts or is about; then `order` says what becomes of the table of jobs, and is never sent."""
    examples: tuple[Row, ...] = ()
    """Of a new app: the orders that follow in the same batch, and add its example rows."""
    call: ToolCall | None = None
    """The tool of another program that it calls."""

    @property
    def reads(self) -> bool:
        """Whether it only reads."""
        return self.operation in READS

    @property
    def writes(self) -> bool:
        """Whether it changes rows."""
        return self.operation in WRITES or self.shapes

    @property
    def shapes(self) -> bool:
        """Whether it makes or changes an own app."""
        return self.operation in SHAPES

    @property
    def acts(self) -> bool:
        """Whether it changes rows, starts a job, or is about one."""
        return self.writes or self.work is not None

    @property
    def condition(self) -> Row:
        """The values by which it names its rows; {} when it names one row by its id."""
        order = self.order
        return order.where if order and self.writes and order.verb != "insert" and order.id == 0 else {}


def check(instruction: Row, scope: Scope) -> Step:
    """Return the step that an instruction asks for, or raise `BadInstruction`."""
    if is_call(instruction, scope.tools):
        return Step(CALL, call=call_of(instruction, scope.tools))
    operation, named = scope.operation(instruction.get("operation"))
    if operation == "open" or (operation == "list" and type(instruction.get(VIEW)) is str):
        return _open(instruction, scope)
    if operation in SHAPES:  # what is declared is read when it is planned
        makes = operation == "make_app"
        return Step(operation, StoreOrder(verb="insert" if makes else "update", table=APP.name, actor="model"), APP)
    if operation in WORK_OPERATIONS:
        instruction = {"job": named, **instruction} if named else instruction
        operation = operation_on_job(operation, instruction)
        work = work_of(operation, instruction, *scope.work, reader=scope.reader)
        return Step(operation, order_of(operation, work, scope.profile), JOB, work=work)
    return _on_table(operation, instruction, scope.table(named or instruction.get("table")), scope)


def _on_table(operation: str, instruction: Row, table: Table, scope: Scope) -> Step:
    """Return the step that an operation on rows asks for."""
    if table is JOB and operation in WRITES:
        others = "`cancel`, `pause`, `resume` and `retry` are about one that is there"
        raise BadInstruction(f"Rows of `{JOB.name}` are not written: `run` starts a job; {others}.")
    if table is RUN and operation in WRITES:
        instruction = proposing(operation, instruction)
    if table.made_by_jobs and operation == "insert":
        raise BadInstruction(_by_a_job(table, scope))
    if (table.read_only or table in ONLY_READ) and operation in WRITES:
        raise BadInstruction(f"`{table.name}` can only be read.")
    if operation == "delete" and table is PROFILE:
        raise BadInstruction("Only the user deletes a profile: the page asks what becomes of its rows.")
    try:
        if operation == "get" and names_rows_by_condition(instruction, table, scope.reader):
            operation = "list"
        order = ORDERS[operation](instruction, table, scope)
    except BadValue as problem:
        raise BadInstruction(str(problem)) from problem
    return Step(operation, order, table)


def _by_a_job(table: Table, scope: Scope) -> str:
    """Return why no row is inserted into a table, and what makes one."""
    jobs = scope.jobs if table in scope.tables else scope.jobs_elsewhere
    names = ", ".join(one.job.name for one in jobs)
    return f"Rows of `{table.name}` are made by jobs: start one with `run`{f' ({names})' if names else ''}."


def _open(instruction: Row, scope: Scope) -> Step:
    name = argument(instruction, "app") or instruction.get("table")
    wants_view = instruction.get(VIEW) is not None
    if wants_view and (name is None or name in names_of_shown(scope)):
        return Step("open", app=scope.app, look=_look(instruction, scope.app, scope))
    found = next((one for one in scope.apps if type(name) is str and compared(one) == compared(name)), "")
    if not found:
        raise BadInstruction(f"There is no app {name!r:.60}. There are: {', '.join(scope.apps)}.")
    return Step("open", app=found, look=_look(instruction, found, scope) if wants_view else None)


def names_of_shown(scope: Scope) -> tuple[str, ...]:
    """Return what a model may call the rows that the open app shows."""
    table = scope.shown.get(scope.app)
    return (table.name, table.label) if table else ()


def _look(instruction: Row, app: str, scope: Scope) -> dict[str, str]:
    """Return how an instruction wants the rows of an app to be shown, as an address says it."""
    table = scope.shown.get(app)
    if table is None:
        raise BadInstruction(f"The app {app} shows no rows that have views.")
    said = {name: text for name in IN_ADDRESS if (text := _as_text(instruction.get(name)))}
    try:
        return written(read_look(table, said), table)
    except BadValue as problem:
        raise BadInstruction(str(problem)) from problem


def _as_text(value: Any) -> str:
    """Return a part of an address: a list of fields with commas between."""
    return ",".join(map(str, value)) if type(value) is list else str(value or "")


def _insert(instruction: Row, table: Table, scope: Scope) -> StoreOrder:
    values = values_of(instruction, table, scope.reader, inserting=True)
    for one in table.fields:
        if one.required and one.name not in values:
            raise BadInstruction(f"A row of `{table.name}` needs `{one.called}`.")
    scoped = {"profile": scope.profile} if table.scoped else {}
    key = id_of(instruction, table) if table.keyed else 0
    return StoreOrder(verb="insert", table=table.name, id=key, values=values | scoped, actor="model")


def _update(instruction: Row, table: Table, scope: Scope) -> StoreOrder:
    values = values_of(instruction, table, scope.reader)
    if not values:
        raise BadInstruction("An update needs `values`: the fields to set.")
    where = title_in_place_of_id(instruction, table) or where_of(instruction, table, scope.reader)
    key = 0 if names_rows_by_condition(instruction, table, scope.reader) else id_of(instruction, table)
    return StoreOrder(verb="update", table=table.name, id=key, values=values, where=where, actor="model")


def _delete(instruction: Row, table: Table, scope: Scope) -> StoreOrder:
    key, where = _id_or_condition(instruction, table, scope.reader)
    return StoreOrder(verb="delete", table=table.name, id=key, where=where, actor="model")


def _id_or_condition(instruction: Row, table: Table, reader: Reader) -> tuple[int | str, Row]:
    """Return the id of a row, or 0 and the condition. Both are refused: the two may contradict each other."""
    if names_rows_by_condition(instruction, table, reader):
        return 0, title_in_place_of_id(instruction, table) or where_of(instruction, table, reader)
    return _only_id(instruction, table, reader), {}


def _only_id(instruction: Row, table: Table, reader: Reader) -> int | str:
    """Return the id of a row. A condition beside the id is refused: the two may contradict each other."""
    key = id_of(instruction, table)
    if where_of(instruction, table, reader):
        raise BadInstruction("Name the rows by `id` or by `where`, not by both.")
    return key


def names_rows_by_condition(instruction: Row, table: Table, reader: Reader) -> bool:
    """Return whether an instruction names its rows by `where` alone (all rows with these values), or by a title."""
    if title_in_place_of_id(instruction, table):
        return True
    where = instruction.get("where")
    has_id = argument(instruction, "id") is not None or "id" in (where if type(where) is dict else {})
    return type(where) is dict and bool(where_of(instruction, table, reader)) and not has_id and not table.keyed


def _toggle(instruction: Row, table: Table, scope: Scope) -> StoreOrder:
    flips = table.switches
    name = argument(instruction, "field")
    named = table.field_called(name) if type(name) is str else None
    name = flips[0] if name is None and len(flips) == 1 else named.name if named else name
    if name not in flips:
        raise BadInstruction(f"`field` is {name!r:.60}. Expected one of: {', '.join(flips) or 'none there'}.")
    key, where = _id_or_condition(instruction, table, scope.reader)
    return StoreOrder(verb="toggle", table=table.name, id=key, values={"field": name}, where=where, actor="model")


def _sort(instruction: Row, table: Table, scope: Scope) -> StoreOrder:
    if not table.sortable:
        raise BadInstruction(f"The rows of `{table.name}` have no order of their own.")
    given = argument(instruction, "after")
    if given is None:
        raise BadInstruction("A sort needs `after`: the id of the row to stand behind, 0 for the top.")
    after, key = whole_number(given, "after", least=0), _only_id(instruction, table, scope.reader)
    return StoreOrder(verb="sort", table=table.name, id=key, values={"after": after}, actor="model")


def _list(instruction: Row, table: Table, scope: Scope) -> StoreOrder:
    scoped = {"profile": scope.profile} if table.scoped else {}
    where = (title_in_place_of_id(instruction, table) or where_of(instruction, table, scope.reader)) | scoped
    offset = whole_number(instruction.get("offset", 0), "offset", least=0)
    return StoreOrder(
        verb="list", table=table.name, where=where, limit=MAX_ROWS_PER_PAGE, offset=min(offset, 10**9), actor="model"
    )


def _get(instruction: Row, table: Table, _scope: Scope) -> StoreOrder:
    return StoreOrder(verb="get", table=table.name, id=id_of(instruction, table), actor="model")


def _search(instruction: Row, table: Table, _scope: Scope) -> StoreOrder:
    text = argument(instruction, "text")
    if type(text) is not str or not text.strip():
        raise BadInstruction("A search needs `text`: the words to look for.")
    values = {"text": text[:MAX_SEARCH_TEXT]}
    return StoreOrder(verb="search", table=table.name, values=values, limit=MAX_ROWS_PER_PAGE, actor="model")


ORDERS: dict[str, Callable[[Row, Table, Scope], StoreOrder]] = {
    "insert": _insert,
    "update": _update,
    "delete": _delete,
    "toggle": _toggle,
    "sort": _sort,
    "list": _list,
    "get": _get,
    "search": _search,
}
