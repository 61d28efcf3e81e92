"""The tables of own apps follow the rows of the table `app`, in the transaction that changes such a row."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from apps.core import APP, CORE
from apps.names import name_from
from apps.own.declaration import emptied, read
from apps.own.loading import OwnApps
from apps.registry import App
from apps.tables import BadValue, Row, Table
from bus.messages import StoreOrder
from store.file.backup.before_upgrade import UpgradeBackup
from store.file.database import SCHEMA_VERSION
from store.file.migrations import bring_up_to_date, note_shape, own_apps_in, pending
from store.own.files import FileState
from store.own.reshape import reshape
from store.tables.history import Change
from store.tables.reading import existing
from store.tables.recorder import Recorder
from store.tables.rows import Rows

FILE = "file"
ORDERED = ("name", "label", "icon", "declaration", "enabled")
"""Fields that an order may write; the store writes the others."""
BESIDE = ("name", "label", "icon")
"""Parts of a declaration that stand in fields of their own, too."""
OF_FILES = ("version", "problem", "source")


class OwnTables:
    """Checks orders about own apps, and changes the tables of the file with them."""

    def __init__(self, connection: sqlite3.Connection, own: OwnApps, backups: Path) -> None:
        """`own`: the own apps of the registry whose tables are served. `backups`: folder of the backups."""
        self._connection = connection
        self._own = own
        self._registry = own.registry
        self._backups = backups
        self.on_change: Callable[[], None] = lambda: None
        """Called when the tables of the registry are others."""

    # --- orders ---

    def prepared(self, order: StoreOrder, rows: Rows) -> StoreOrder:
        """Return an order about the table `app` with all that it leaves out, or raise `BadValue`."""
        if order.verb not in ("insert", "update"):
            return order
        if refused := next((name for name in order.values if name not in ORDERED), ""):
            raise BadValue(
                "bad_value", f"`{refused}` of an app is not written by an order. Give: {', '.join(ORDERED)}."
            )
        row = existing(rows, order.id) if order.verb == "update" else {}
        if row and not order.values.keys() & {*BESIDE, "declaration"}:
            return order
        if row and row["source"] == FILE:
            raise BadValue("bad_value", f"The app {row['name']} comes from a file. Change the file instead.")
        return replace(order, values={**order.values, **self._declared(order.values, row, rows)})

    def _declared(self, values: Row, row: Row, rows: Rows) -> Row:
        """Return name, label, icon and declaration of an app. What stands beside the declaration belongs to it."""
        said = values.get("declaration", row.get("declaration"))
        beside = {key: values[key] for key in BESIDE if key in values}
        if type(said) is dict:
            said = {**said, **beside}
        others = {one["name"] for one in rows.each({}, "", -1) if one["id"] != row.get("id")}
        if row and type(said) is dict:
            said = {**said, "name": said.get("name") or row["name"]}
        elif type(said) is dict and not said.get("name") and type(label := said.get("label")) is str and label:
            said = {**said, "name": name_from(label, {*others, *self._registry.apps}, "app")}
        declared = read(said, self._registry.tables)
        if row and declared.name != row["name"]:
            raise BadValue("bad_value", f"The name of the app {row['name']} does not change. Change its label.")
        if declared.name in others:
            raise BadValue(
                "conflict", f"There is an app of the name {declared.name}. Change that one, or choose another."
            )
        json = declared.json
        return {
            "name": declared.name,
            "label": json.get("label", ""),
            "icon": json.get("icon", ""),
            "declaration": json,
        }

    # --- changes ---

    def changed(self, change: Change) -> None:
        """Bring registry and tables to a change of a row of the table `app`; raise `BadValue` if that is impossible."""
        row = change.after or change.before
        if change.undoes and row.get("source") == FILE and _of_file(change):
            raise BadValue(
                "bad_value", f"Change {change.undoes} came from the file of the app. Change the file instead."
            )
        if not change.after:
            self._own.drop(change.id)
        else:
            self._take(change)
        self.on_change()
        note_shape(self._connection, self._registry)

    def _take(self, change: Change) -> None:
        name = change.after["name"]
        before = self._registry.apps.get(name)
        known = before.tables if before else ()
        problem = self._own.take(change.after)
        is_broken = change.after["source"] == FILE and change.after["problem"]
        if problem and not is_broken:
            raise BadValue("bad_value", problem)
        app = self._registry.apps.get(name)
        if app and app.own and not app.problem and app.tables != known:
            self._bring(app, known, change)

    def _bring(self, app: App, known: tuple[Table, ...], change: Change) -> None:
        """Change the tables in the file. `known`: those that the app had until now. `change`: of the app's row."""
        from sqlite_utils import Database  # noqa: PLC0415 (10 MiB, needed only for a change)

        database, old = Database(self._connection), {table.name: table for table in known}
        try:
            for table in app.tables:
                if table not in CORE and not app.version:
                    empties = emptied(change.after["declaration"], table.name)
                    reshape(database, table, old.get(table.name), change.revision, change.undoes, empties=empties)
            bring_up_to_date(database, app)
        except BadValue:
            raise
        except BaseException as error:  # whatever it is: the order is refused, and the store goes on
            said = app.calls.in_words(app.name, "migrations", error)
            raise BadValue("bad_value", f"its tables could not be brought up to date: {said}") from None

    def restore(self) -> None:
        """Read the rows again, after changes were rolled back."""
        self._own.sync(own_apps_in(self._connection))
        self.on_change()

    # --- files ---

    def back_up_before(self, file: FileState) -> UpgradeBackup | None:
        """Make a backup if a new version of an app has migrations for its rows. No transaction may be open."""
        if not file.version:
            return None
        app = self._own.built({**APP_ROW, "name": file.name, "version": file.version})
        if app.problem or not pending(self._connection, app):
            return None
        return UpgradeBackup(self._connection, self._backups, SCHEMA_VERSION)

    def note_file(self, file: FileState, rows: Rows, recorder: Recorder) -> None:
        """Write what is known of the file of an app into its row. Raises `BadValue` if the version cannot be used."""
        row = next(iter(rows.each({"name": file.name}, "", 1)), None)
        if row is None and not file.is_gone:
            new = {**APP_ROW, "name": file.name, "version": file.version, "problem": file.problem}
            recorder.insert(rows, {key: value for key, value in new.items() if key != "id"})
        elif row and row["source"] != FILE:
            problem = "" if file.is_gone else f"The file {file.name}.py is not used: an app of that name is declared."
            recorder.update(rows, row, {"problem": problem})
        elif row and file.is_gone:
            recorder.delete(rows, row)
        elif row:
            recorder.update(rows, row, {"version": file.version or row["version"], "problem": file.problem})


APP_ROW: Row = {
    "id": 0,
    **{one.name: one.empty for one in APP.all_fields.values()},
    "source": FILE,
}
"""The row of an app from a file about which nothing is known yet."""


def _of_file(change: Change) -> bool:
    before, after = change.before, change.after
    return not before or not after or any(before[name] != after[name] for name in OF_FILES)
