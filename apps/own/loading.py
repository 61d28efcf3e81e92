"""Keep the own apps in a registry as the rows of the table `app` say, in every process and while everything runs.

The store does so inside its transaction. Others begin with the rows that the store lists, and apply each fact.
"""

import importlib
import sys
from collections.abc import Awaitable, Callable, Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from apps.calls.calls import LOAD_SECONDS, Calls
from apps.core import APP
from apps.hookspecs import hook
from apps.installed import Installed
from apps.names import problem_of_app
from apps.own.declaration import read
from apps.own.versions import VERSION, copy_again, folder_of
from apps.registry import HOOKS, App, Registry, load
from apps.tables import BadValue, Row
from bus.messages import StoreAnswer, StoreChanged, StoreOrder

Ask = Callable[[StoreOrder], Awaitable[StoreAnswer]]

PACKAGE = "own_apps"
"""Python's name of the package that holds the copies which are run."""
MOST_ROWS = 100
"""Rows that are read at a time."""
NOT_LOADED = "Its newest version does not work, so the one before stands. "


class OwnApps:
    """The own apps of a registry."""

    def __init__(
        self,
        registry: Registry,
        folder: Path,
        *,
        files: tuple[str, ...] = (),
        calls: Calls | None = None,
        adopt: Callable[[App], None] = lambda _app: None,
        on_change: Callable[[str], None] = lambda _name: None,
    ) -> None:
        """`folder`: of own apps. `files`: those that this process loads besides `store.py`.

        `adopt`: called with each app that was put into the registry. `on_change`: called afterwards with its name, and
        with that of an app that was removed.
        """
        self.registry = registry
        self.folder = folder
        self.on_change = on_change
        self.adopt = adopt
        self._files = files
        self._calls = calls or Calls()
        self._rows: dict[int | str, Row] = {}
        """The rows by their ids, as they were taken last."""
        self._heard = 0
        """Revision of the last fact."""

    async def load(self, ask: Ask) -> None:
        """Take over the rows that the store has. `ask`: sends it an order."""
        while True:
            rows: list[Row] = []
            revision, more = -1, True
            while more:
                order = StoreOrder(verb="list", table=APP.name, sort="id", offset=len(rows), limit=MOST_ROWS)
                answer = await ask(order)
                revision = answer.revision if revision < 0 else revision
                rows, more = rows + answer.rows, answer.more
            if revision >= self._heard:  # else a fact has come meanwhile that is newer
                self.sync(rows)
                return

    def sync(self, rows: Iterable[Row]) -> None:
        """Take over all rows: the apps of others go."""
        found = {row["id"]: row for row in rows}
        for key in self._rows.keys() - found.keys():
            self.drop(key)
        for key, row in found.items():
            if self._rows.get(key) != row:
                self.take(row)

    def hear(self, fact: StoreChanged) -> None:
        """Apply a fact about the table `app`. It may be older than the rows that were loaded."""
        self._heard = fact.revision
        if fact.verb in ("delete", "erase"):
            self.drop(fact.id)
        else:
            self.take(fact.row)

    def drop(self, key: int | str) -> None:
        """Remove the app of a row that was deleted."""
        if row := self._rows.pop(key, None):
            self._remove(row["name"])
            forget_modules(row["name"])
            self.on_change(row["name"])

    def take(self, row: Row) -> str:
        """Bring the app of a row into the registry, or take it out; return why it cannot be loaded, "" if it is."""
        known, self._rows[row["id"]] = self._rows.get(row["id"]), row
        name = row["name"]
        if not row["enabled"]:
            self._remove(name)
            self.on_change(name)
            return ""
        loaded = self.registry.apps.get(name)
        is_same = known is not None and loaded is not None and loaded.own and not loaded.problem and same(known, row)
        if is_same and loaded:
            loaded.outdated = outdated(row)
            self.on_change(name)
            return ""
        problem = self._put(row)
        self.on_change(name)
        return problem

    def _remove(self, name: str) -> None:
        self.registry.remove(name)
        self.registry.remove(twin_of(name))

    def row_of(self, name: str) -> Row | None:
        """Return the row of an app, None if there is none."""
        return next((row for row in self._rows.values() if row["name"] == name), None)

    def names_of(self, source: str) -> set[str]:
        """Return the names of the apps that come from files, or from declarations."""
        return {row["name"] for row in self._rows.values() if row["source"] == source}

    def runs(self, name: str, version: str) -> bool:
        """Return whether this version of a file is the one that the row names, and nothing is wrong with it."""
        row = self.row_of(name)
        return row is not None and row["version"] == version and not row["problem"]

    def _put(self, row: Row) -> str:
        app = self.built(row)
        problem = self.registry.put(app)
        if not self.registry.apps[app.name].own:  # it has the name of an app that ships, or that pip installed
            app.name, app.problem = twin_of(app.name), problem
            self.registry.put(app)
        stands = self.registry.apps[app.name]
        if problem and stands is not app:
            stands.outdated = f"{NOT_LOADED}{problem}"
        elif stands is app:
            if app.version:
                forget_modules(app.name, app.version)
            self.adopt(app)
        return problem

    def built(self, row: Row) -> App:
        """Return the app of a row, with its problem if it has one. Its code is run, if that has not been done."""
        if row["source"] == "declaration":
            app = declared_app(row, self._calls)
        elif not row["version"]:
            app = App(row["name"], problem=row["problem"] or "its file was not loaded yet.")
        else:
            app = self._from_file(row)
        app.own, app.outdated = True, outdated(row)
        return app

    def _from_file(self, row: Row) -> App:
        name, version = str(row["name"]), str(row["version"])
        if problem_of_app(name) or not VERSION.fullmatch(version):  # a name of a folder is made of them
            return App(name, problem=f"its version is {version!r:.40}, which no file of it can have.")
        copy_again(self.folder, name, version)
        app = load_copy(folder_of(self.folder, name, version), self._files, self._calls)
        app.version = version
        return app


def twin_of(name: str) -> str:
    """Return the name under which an own app is shown, with its problem, if its name is that of another app."""
    return f"{name} (your own)"


def outdated(row: Row) -> str:
    """Return why the newest version of an app's file is not the one that runs, "" if it is."""
    return f"{NOT_LOADED}{row['problem']}" if row["problem"] and row["version"] else ""


def same(one: Row, other: Row) -> bool:
    """Return whether two rows load the same app."""
    return all(one[name] == other[name] for name in one if name != "problem")


# --- code ---


def load_copy(copy: Path, files: tuple[str, ...], calls: Calls, seconds: float = LOAD_SECONDS) -> App:
    """Load a copy (see `versions.folder_of`). Any error in it becomes the app's `problem`. `seconds`: for each file."""
    if not copy.is_dir():
        problem = f"its copy {copy} is missing. Save its file again, then it is made."
        return App(copy.name.rpartition("_")[0], problem=problem)
    return load(installed_copy(copy), files, calls, seconds)


def installed_copy(copy: Path) -> Installed:
    """Let Python find a copy as a package; return it."""
    _find_copies(copy.parent)
    name = copy.name.rpartition("_")[0]
    return Installed(name, f"{PACKAGE}.{copy.name}", "", "" if (copy / "store.py").exists() else name)


def _find_copies(loaded: Path) -> None:
    """Let Python find the copies as modules of the package `PACKAGE`."""
    package = ModuleType(PACKAGE)
    package.__path__ = [str(loaded)]
    package.__spec__ = ModuleSpec(PACKAGE, None, is_package=True)
    package.__spec__.submodule_search_locations = package.__path__
    sys.modules[PACKAGE] = package
    importlib.invalidate_caches()


def forget_modules(name: str, but: str = "") -> None:
    """Forget the modules of an app, except those of one version."""
    for module in list(sys.modules):
        package, _, inner = module.partition(".")
        known, _, version = inner.split(".")[0].rpartition("_")
        if package == PACKAGE and known == name and version != but:
            del sys.modules[module]


# --- declarations ---


def declared_app(row: Row, calls: Calls) -> App:
    """Return the app of a declaration."""
    shown = {name: row[name] for name in ("label", "icon")}
    try:
        declared = read(row["declaration"])
    except BadValue as problem:
        return App(row["name"], problem=str(problem), **shown)
    text = declared.json.get("prompt", "")
    return App(row["name"], declared.tables, _hooks_of(Prompt(text)) if text else None, calls=calls, **shown)


def _hooks_of(plugin: object) -> Any:
    """Return pluggy's `hook` object of an app without files. It takes a millisecond, so most do without."""
    manager = pluggy.PluginManager("pianola")
    for spec in HOOKS.values():
        manager.add_hookspecs(spec)
    manager.register(plugin)
    return manager.hook


class Prompt:
    """What the assistant is told of a declared app."""

    def __init__(self, text: str) -> None:
        self._text = text

    @hook
    def prompt(self) -> str:
        """Return the text of the declaration."""
        return self._text
