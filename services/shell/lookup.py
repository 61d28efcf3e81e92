"""Find the table, the field and the row that somebody names: by name, label, title or id, in any case."""

from collections.abc import Iterable, Iterator

from apps.core import CORE
from apps.names import compared, without_article
from apps.registry import Registry
from apps.sentences import title_of
from apps.tables import Field, Row, Table
from apps.types.link import NUMBER, Key
from bus.errors import PianolaError, Refused
from bus.limits import MAX_ANSWER_ROWS
from bus.messages import StoreOrder
from services.shell.session import Session

LISTED = 10
"""Rows of the same title that an error names."""


class NoSuchTable(PianolaError):
    """No table has this name or label."""

    def __init__(self, text: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no table {text!r:.60}. Tables: {', '.join(known)}.")


class NoSuchField(PianolaError):
    """The table has no field of this name or label."""

    def __init__(self, text: str, table: Table) -> None:
        names = ", ".join(f'{one.name} ("{one.label}")' if one.label else one.name for one in fields_of(table))
        super().__init__(f"the table {table.name} has no field {text!r:.60}. Fields: {names}.")


class NoSuchRow(PianolaError):
    """No row, or more than one, is called so."""


def table_called(registry: Registry, text: str) -> Table:
    """Return the table of this name, of this label, or the first one of the app that is called so."""
    wanted = compared(text)
    found = next((table for name, table in _called(registry) if compared(name) == wanted), None)
    if found is None:
        raise NoSuchTable(text, table_names(registry))
    return found


def _called(registry: Registry) -> Iterator[tuple[str, Table]]:
    """Yield what each table is called; names go before labels, and these before the names of apps."""
    yield from registry.tables.items()
    for table in registry.tables.values():
        yield from ((name, table) for name in (table.label, without_article(table.label), table.plural) if name)
    for app in registry.sound.values():
        yield from ((name, app.tables[0]) for name in (app.name, app.label) if name and app.tables)


def table_names(registry: Registry) -> list[str]:
    """Return the names of all tables, those of apps first."""
    core = {table.name for table in CORE}
    return sorted(registry.tables, key=lambda name: (name in core, name))


def fields_of(table: Table) -> Iterator[Field]:
    """Yield the fields of a table, and its id."""
    yield Field("id", "text" if table.keyed else "integer")
    yield from table.all_fields.values()


def field_called(table: Table, text: str) -> Field:
    """Return the field of this name or label."""
    found = next(fields_of(table)) if compared(text) == "id" else table.field_called(text)
    if found is None:
        raise NoSuchField(text, table)
    return found


async def key_called(session: Session, table: Table, text: str) -> Key:
    """Return the id of the row that is named by its id (`3`, `#3`) or its title; raise `NoSuchRow`."""
    if table.keyed:
        return text
    if found := NUMBER.fullmatch(text.strip()):
        return int(found[1])
    rows = await _titled(session, table, text.strip())
    if len(rows) != 1:
        raise NoSuchRow(_problem_of(table, text, rows))
    key: int = rows[0]["id"]
    return key


async def _titled(session: Session, table: Table, title: str) -> list[Row]:
    """Return the rows with a title: written exactly so, or else in any case."""
    name = table.title_field.name
    if not table.title_field.kind.is_text:
        return []
    within = session.in_profile(table)
    order = StoreOrder(verb="list", table=table.name, where={**within, name: title}, limit=LISTED)
    if exact := (await session.ask(order)).rows:
        return exact
    if name not in table.searched or not title:
        return []
    order = StoreOrder(verb="search", table=table.name, values={"text": title}, where=within, limit=MAX_ANSWER_ROWS)
    try:
        found = (await session.ask(order)).rows
    except Refused:  # there is no word in it to search for
        return []
    return [row for row in found if compared(title_of(row, table)) == compared(title)]


def _problem_of(table: Table, text: str, rows: list[Row]) -> str:
    if not rows:
        return f"no row of {table.name} has the id or the title {text!r:.60}. `pianola rows {table.name}` lists them."
    keys = ", ".join(str(row["id"]) for row in rows[:LISTED])
    return f"several rows of {table.name} have the title {text!r:.60}: {keys}. Write the id of the one that you mean."
