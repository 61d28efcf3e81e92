"""The words that can follow in a command line that is being typed: tables, verbs, fields, choices and apps."""

import sys
from argparse import Namespace
from collections.abc import Iterable

from apps.registry import Registry
from apps.tables import Field, Table
from services.shell.lookup import NoSuchTable, fields_of, table_called, table_names
from services.shell.order import VERBS, is_changeable
from services.shell.session import Session

TABLE_OPTIONS = ("--in",)
FIELD_OPTIONS = ("--where", "--order", "--fields")
APP_OPTIONS = ("--app",)


async def run(session: Session, given: Namespace) -> int:
    """Print a word in each line. `given.words`: those behind `pianola`; the last one is being typed, and may be ""."""
    for word in words_behind(session.registry, given.words):
        sys.stdout.write(f"{word}\n")
    return 0


def words_behind(registry: Registry, words: list[str]) -> list[str]:
    """Return the words that can stand at the end."""
    if len(words) < 2:
        return []
    command, *before = words[:-1]
    last = before[-1] if before else ""
    if last in APP_OPTIONS:
        return list(registry.sound)
    if last in TABLE_OPTIONS:
        return table_names(registry)
    if command not in ("order", "rows"):
        return []
    if not before:
        return [name for name in table_names(registry) if command == "rows" or is_changeable(registry.tables[name])]
    try:
        table = table_called(registry, before[0])
    except NoSuchTable:
        return []
    if last in FIELD_OPTIONS:
        return [f"{one.name}=" if last == "--where" else one.name for one in fields_of(table)]
    if command == "order" and len(before) == 1:
        return list(VERBS)
    return _behind_verb(table, before[1], words[-1]) if command == "order" else []


def _behind_verb(table: Table, verb: str, typed: str) -> list[str]:
    """Return what can stand behind the verb of an order."""
    if verb == "toggle":
        return table.switches
    if verb not in ("insert", "update"):
        return []
    name, sign, _ = typed.partition("=")
    field = table.all_fields.get(name) if sign else None
    return list(_choices(field)) if field else [f"{one.name}=" for one in fields_of(table) if _is_given(one)]


def _choices(field: Field) -> Iterable[str]:
    values = field.choices or (("true", "false") if field.kind.is_switch else ())
    return (f"{field.name}={one}" for one in values)


def _is_given(field: Field) -> bool:
    return field.name not in ("id", "position") and not field.kind.set_by_store
