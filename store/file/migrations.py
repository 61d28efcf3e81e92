"""Bring a file to the shape that this version and the installed apps declare.

First come the numbered steps of the core, then each app's migrations, then all declared fields and indexes. All of it
is one transaction. A file with data is backed up before. Usually the file has the right shape already: then nothing is
changed, and sqlite-utils is not imported.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from apps.calls.calls import MIGRATION_SECONDS
from apps.core import APP, CORE
from apps.registry import App, Registry
from apps.tables import Row, Table
from bus.text.normal import VERSION
from store.file.backup.before_upgrade import UpgradeBackup
from store.file.columns import field_of, quoted, read
from store.file.database import APPLICATION_ID, SCHEMA_VERSION
from store.file.rehearsal import REHEARSED_BYTES, rehearse
from store.file.shape import columns, shape
from store.file.steps import STEPS
from store.file.text_index import add_functions
from store.file.upgrade import TableUpgrade

if TYPE_CHECKING:
    from sqlite_utils import Database

REHEARSING = (
    "The database is large: its upgrade is tried on a copy first. This may take minutes; nothing is lost meanwhile."
)

INSTALLED = ""
"""Name of the row in the table `migration` that says when an app was first seen."""


def migrate(
    connection: sqlite3.Connection, registry: Registry, backups: Path, tell: Callable[[str], None] = lambda _: None
) -> None:
    """Bring the file up to date; on an error leave it as it was and raise. An app whose own part fails is left out.

    `tell`: called with a sentence for the log when it takes longer.
    """
    version = connection.execute("pragma user_version").fetchone()[0]
    if version == SCHEMA_VERSION and _shape(connection) == declared(registry):
        return
    backup = None
    if version and (version < SCHEMA_VERSION or any(pending(connection, app) for app in registry.sound.values())):
        backup = UpgradeBackup(connection, backups, version)
    from sqlite_utils import Database  # noqa: PLC0415 (10 MiB, needed only for a change)

    add_functions(connection)  # it may not come from `open_database`
    sound = len(registry.sound)
    try:
        if backup and backup.file.stat().st_size >= REHEARSED_BYTES:
            tell(REHEARSING)
            file = Path(connection.execute("pragma database_list").fetchone()[2])
            rehearse(backup.file, lambda copy: _change(Database(copy), version, registry), file)
        connection.execute("begin immediate")
        _change(Database(connection), version, registry)
        changed = version < SCHEMA_VERSION or _shape(connection) != declared(registry)
        if changed:
            note_shape(connection, registry)
        connection.execute("commit" if changed else "rollback")  # nothing changed: all of it failed
    except BaseException:
        if connection.in_transaction:  # SQLite ends it by itself when the disk is full
            connection.execute("rollback")
        if backup:
            backup.failed()
        raise
    if backup:
        upgraded = version < SCHEMA_VERSION or len(registry.sound) == sound  # else an app was left out
        backup.succeeded() if upgraded else backup.failed()


def own_apps_in(connection: sqlite3.Connection) -> list[Row]:
    """Return the rows of the table `app`, by id; none in a file that does not have the table yet."""
    known = {str(column[1]) for column in connection.execute('pragma table_info("app")')}
    names = ["id", *APP.all_fields]
    if not known.issuperset(names):
        return []
    found = connection.execute(f"select {', '.join(map(quoted, names))} from app order by id")
    fields = [field_of(APP, name) for name in names]
    return [{one.name: read(one, value) for one, value in zip(fields, values, strict=True)} for values in found]


def declared(registry: Registry) -> str:
    """Return the shape of all tables and the names of all migrations as a text, to compare with the stored one."""
    tables = [
        f"{table.name} {table.keyed} {table.searched} {columns(table)}" for table in _in_file(registry.tables.values())
    ]
    migrations = [f"{app.name}: {', '.join(_names(app))}" for app in registry.sound.values()]
    return "\n".join([f"normal form {VERSION}", *sorted(tables), *sorted(migrations)])


def _in_file(tables: Iterable[Table]) -> list[Table]:
    return [table for table in tables if not table.read_only]


def _names(app: App) -> list[str]:
    return [one.__name__ for one in app.migrations]


def _shape(connection: sqlite3.Connection) -> str:
    return str(connection.execute("select declared from shape").fetchone()[0])


def pending(connection: sqlite3.Connection, app: App) -> list[str]:
    """Return the migrations of an app that have not run on this file. An app that is new here needs none."""
    seen = {name for (name,) in connection.execute("select name from migration where app = ?", [app.name])}
    return [name for name in _names(app) if name not in seen] if seen or _has_tables(connection, app) else []


def _has_tables(connection: sqlite3.Connection, app: App) -> bool:
    present = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    return any(table.name in present for table in app.tables)


def _change(database: "Database", version: int, registry: Registry) -> None:
    for step in STEPS[version:]:
        step(database)
    for table in _in_file(CORE):
        shape(database, table)
    for app in registry.sound.values():
        _change_app(database, app, registry)
    if version == 0:
        database.execute("insert into profile (name) values ('Me')")
    database.execute(f"pragma application_id={APPLICATION_ID}")
    database.execute(f"pragma user_version={SCHEMA_VERSION}")


def _change_app(database: "Database", app: App, registry: Registry) -> None:
    """Run an app's migrations and shape its tables. If that fails, its data stay as they were and it is left out."""
    database.execute("savepoint one_app")
    try:
        bring_up_to_date(database, app)
    except BaseException as error:  # whatever it is, an error in one app must not stop the others
        database.execute("rollback to one_app")
        said = app.calls.in_words(app.name, "migrations", error)
        registry.leave_out(app, f"its tables could not be brought up to date, and are as they were: {said}")
    finally:
        database.execute("release one_app")


def bring_up_to_date(database: "Database", app: App) -> None:
    """Run an app's migrations and shape its tables, inside the open transaction. Raises what they raise."""
    app.calls.run(app.name, "migrations", MIGRATION_SECONDS, partial(_run_migrations, database, app))
    for table in app.tables:
        if table not in CORE:
            shape(database, table)


def note_shape(connection: sqlite3.Connection, registry: Registry) -> None:
    """Write down that the file has the shape which the registry declares."""
    connection.execute("update shape set declared = ?", [declared(registry)])


def _run_migrations(database: "Database", app: App) -> None:
    todo = pending(database.conn, app)
    for migration in app.migrations:
        if migration.__name__ in todo:
            migration(TableUpgrade(database))
    for name in (INSTALLED, *_names(app)):
        database.execute("insert or ignore into migration values (?, ?, ?)", [app.name, name, time.time()])
