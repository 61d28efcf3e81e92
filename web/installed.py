"""The apps as the page knows them: which can be opened, what their table is, and which are broken and why."""

from collections.abc import Mapping

from apps.registry import App, Registry
from apps.tables import Table


class Installed:
    """The registry's apps, and what other processes say of them."""

    def __init__(self, registry: Registry) -> None:
        """`registry`: as this process loaded it."""
        self.registry = registry
        self._failed: dict[tuple[str, str], str] = {}
        """Problems by app and the process that met them."""

    def __contains__(self, app: str) -> bool:
        """Return whether there is an app of this name, sound or broken."""
        return app in self.registry.apps

    @property
    def tables(self) -> dict[str, Table]:
        """The table that each sound app shows, by the app's name."""
        return {app.name: app.tables[0] for app in self.registry.apps.values() if app.tables and not app.problem}

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with each app, in the order of the menu; "" for a sound one."""
        return {name: self.problem(name) for name in self.registry.apps}

    def problem(self, app: str) -> str:
        """Return what is wrong with an app, a sentence for each process that says so; "" for nothing."""
        own = self.registry.apps[app].problem
        told = (f"In {process}: {problem}" for (name, process), problem in self._failed.items() if name == app)
        return " ".join([own] if own else told)

    def table(self, app: str) -> Table | None:
        """Return the table that an app shows; None when it is broken."""
        return self.tables.get(app)

    def app_of(self, table: str) -> App | None:
        """Return the sound app that owns a table."""
        return self.registry.app_of(table)

    def failed(self, app: str, process: str, problem: str) -> bool:
        """Take over what a process says of an app; return whether it was news."""
        known = self._failed.get((app, process))
        self._failed[app, process] = problem
        return known != problem and app in self

    @property
    def first(self) -> str:
        """Name of the app that is shown when none was chosen."""
        return next(iter(self.tables))
