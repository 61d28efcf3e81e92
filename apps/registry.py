"""Find the apps and load, for one process, just the files that are named after it."""

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pluggy

import apps
from apps.core import CORE
from apps.hookspecs import AgentHooks, StoreHooks
from apps.tables import BadValue, Table

HOOKS = {"store": StoreHooks, "agent": AgentHooks}


@dataclass(slots=True)
class App:
    """An installed app: its tables and the hooks of the files that were loaded."""

    name: str
    tables: tuple[Table, ...] = ()
    hooks: Any = None
    """pluggy's `hook` object of this app alone: each call returns the app's own result, or None where it has none."""
    problem: str = ""
    """Why the app is left out; "" for a sound one."""


@dataclass(slots=True)
class Registry:
    """All apps by name, and all tables by name, those of the core included."""

    apps: dict[str, App] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=lambda: {table.name: table for table in CORE})

    def app_of(self, table: str) -> App | None:
        """Return the app that owns a table, None for the core's."""
        return next((app for app in self.apps.values() if any(one.name == table for one in app.tables)), None)


def load_apps(*files: str) -> Registry:
    """Load `store.py` of every app and the other `files` ("agent"). A failing app is kept with its problem."""
    registry = Registry()
    for found in pkgutil.iter_modules(apps.__path__):
        if found.ispkg:
            app = _load(found.name, ("store", *files))
            registry.apps[app.name] = app
            if not app.problem:
                registry.tables.update({table.name: table for table in app.tables})
    return registry


def _load(name: str, files: tuple[str, ...]) -> App:
    app = App(name)
    manager = pluggy.PluginManager("pianola")
    try:
        for file in files:
            manager.add_hookspecs(HOOKS[file])
            if module := _module(name, file):
                manager.register(module)
        app.hooks = manager.hook
        app.tables = tuple(table for tables in manager.hook.tables() for table in tables)
        for table in app.tables:
            if any(table.name == core.name for core in CORE):
                raise BadValue("bad_value", f"the table {table.name} belongs to the core. Choose another name.")
    except Exception as error:  # whatever an app does wrong stays its own problem
        app.problem = f"{type(error).__name__}: {error}"
    return app


def _module(name: str, file: str) -> ModuleType | None:
    full = f"{apps.__name__}.{name}.{file}"
    return importlib.import_module(full) if importlib.util.find_spec(full) else None
