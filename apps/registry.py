"""Load the apps of one process: only the files that it needs. Keeps what is wrong with an app."""

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pluggy

from apps.core import CORE
from apps.hookspecs import AgentHooks, StoreHooks, WebHooks
from apps.installed import Installed, installed
from apps.migrations import Migration
from apps.mistakes import in_words
from apps.names import problem_of_app
from apps.tables import BadValue, Table
from bus.messages import StoreChanged

HOOKS = {"store": StoreHooks, "agent": AgentHooks, "web": WebHooks}


@dataclass(slots=True)
class App:
    """An installed app: its tables, and the hooks of its loaded files."""

    name: str
    tables: tuple[Table, ...] = ()
    hooks: Any = None
    """pluggy's `hook` object of this app. A call returns the app's result, None if it has none."""
    problem: str = ""
    """Why the app is left out; "" for an app that works."""
    origin: str = ""
    """The distribution that it came with; "" for apps that ship with Pianola."""
    migrations: tuple[Migration, ...] = ()
    withheld: tuple[Table, ...] = ()
    """Its tables, while the app is left out."""
    on_failure: Callable[[str, str], None] = lambda _app, _problem: None
    """Called with the app's name and the problem when a hook fails; see `apps.failures`."""

    def has(self, hook: str) -> bool:
        """Return whether the app implements a hook."""
        return self.hooks is not None and bool(getattr(self.hooks, hook).get_hookimpls())

    def call(self, hook: str, expected: type, otherwise: Any, **arguments: Any) -> Any:
        """Return the result of a hook; `otherwise` if there is none, it raises, or its type is not `expected`."""
        if self.hooks is None:
            return otherwise
        try:
            said = getattr(self.hooks, hook)(**arguments)
            if not (said is None or isinstance(said, expected)):
                raise TypeError(f"it returned {said!r:.60}, not {expected.__name__}")
        except Exception as error:  # an error in one app must not stop the others
            self.on_failure(self.name, f"its hook `{hook}` failed: {in_words(error)}")
            return otherwise
        return otherwise if said is None else said


@dataclass(slots=True)
class Registry:
    """All apps by name; all tables by name, of the core and of the apps that are not left out."""

    apps: dict[str, App] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=lambda: {table.name: table for table in CORE})

    @property
    def sound(self) -> dict[str, App]:
        """The apps that are not left out."""
        return {name: app for name, app in self.apps.items() if not app.problem}

    def app_of(self, table: str) -> App | None:
        """Return the app that shows a table; None for a table of the core that no app shows."""
        return next((app for app in self.sound.values() if any(one.name == table for one in app.tables)), None)

    def fits(self, fact: StoreChanged) -> bool:
        """Return whether a fact is about one of our tables, and its rows could be rows of it.

        For an update `before` may be empty: both rows together may have been too long for one message.
        """
        table = self.tables.get(fact.table)
        if table is None:
            return False
        rows = {"insert": (fact.row,), "delete": (fact.before,), "update": (fact.row, fact.before or fact.row)}
        return all(table.fits(fact.id, row) for row in rows[fact.verb])

    def add(self, app: App) -> None:
        """Add an app. If its name, or the name of one of its tables, is taken, it is left out."""
        if app.name in self.apps:
            taken = f"the name {app.name!r} is that of another app, {_whose(self.apps[app.name])}"
            app.problem = f"{taken}. Rename one of them, or uninstall it."
            app.name = f"{app.name} ({app.origin})"
        elif not app.problem:
            app.problem = self._problem_of_tables(app)
        if not app.problem:
            self.tables |= {table.name: table for table in app.tables}
        else:
            app.tables = ()
        self.apps[app.name] = app

    def leave_out(self, app: App, problem: str) -> None:
        """Leave out an app that has worked until now."""
        app.problem, app.withheld, app.tables = problem, app.tables, ()
        for table in app.withheld:
            if table not in CORE:
                del self.tables[table.name]

    def restore(self, app: App) -> None:
        """Restore an app that `leave_out` has left out."""
        app.problem, app.tables, app.withheld = "", app.withheld, ()
        self.tables |= {table.name: table for table in app.tables}

    def _problem_of_tables(self, app: App) -> str:
        for table in app.tables:
            present = self.tables.get(table.name)
            if present is None or (present in CORE and present is table):
                continue
            owner = self.app_of(table.name)
            whose = "the core" if present in CORE else f"the app {owner.name if owner else ''}"
            return f"its table {table.name} is named like one of {whose}. Choose another name for it."
        return ""


def load_apps(*files: str) -> Registry:
    """Load `store.py` of each app, and the other `files` ("agent", "web"). A failing app is kept with its problem."""
    registry = Registry()
    for found in installed():
        registry.add(load(found, files))
    return registry


def load(found: Installed, files: Iterable[str] = ()) -> App:
    """Load one app. Any error in it becomes its `problem`."""
    app = App(found.name, origin=found.origin, problem=problem_of_app(found.name))
    if app.problem:
        return app
    manager = pluggy.PluginManager("pianola")
    try:
        for file in ("store", *files):
            manager.add_hookspecs(HOOKS[file])
            if module := _module(found.package, file):
                manager.register(module)
        manager.check_pending()
        app.hooks = manager.hook
        app.tables = _tables(manager.hook.tables())
        app.migrations = _migrations(manager.hook.migrations())
    except (Exception, SystemExit) as error:
        app.problem = in_words(error)
    return app


def _module(package: str, file: str) -> ModuleType | None:
    name = f"{package}.{file}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def _tables(said: Any) -> tuple[Table, ...]:
    tables = tuple(said or ())
    if not tables or not all(isinstance(table, Table) for table in tables):
        raise BadValue("bad_value", f"its hook `tables` returns {said!r:.80}. Expected a list of at least one Table.")
    names = [table.name for table in tables]
    if len(set(names)) < len(names):
        raise BadValue("bad_value", f"its hook `tables` returns two tables of the same name: {', '.join(names)}.")
    return tables


def _migrations(said: Any) -> tuple[Migration, ...]:
    migrations = tuple(said or ())
    names = [getattr(one, "__name__", "") for one in migrations]
    if not all(map(callable, migrations)) or "<lambda>" in names or len(set(names)) < len(names):
        raise BadValue("bad_value", "its hook `migrations` must return functions, each with a name of its own.")
    return migrations


def _whose(app: App) -> str:
    return f"of the package {app.origin}" if app.origin else "which ships with Pianola"
