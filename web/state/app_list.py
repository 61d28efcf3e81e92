"""The apps as the page knows them: which can be opened, which table each shows, which are broken and why."""

import re
from collections.abc import Mapping

from apps.core import CORE, DEFAULT_APP
from apps.failures import Board
from apps.registry import App, Registry
from apps.shown.look import TABLE
from apps.tables import Table
from web.state.filters import address
from web.state.window import AppWindow

GONE = "This app is not there any more. What it has kept is still in the database."


class AppList:
    """The apps of the registry, and the failures that processes reported."""

    def __init__(self, registry: Registry, board: Board, process: str) -> None:
        """`registry`: the apps that this process loaded. `board`: failures that all processes reported."""
        self.registry = registry
        self._process = process
        self._board = board

    def __contains__(self, app: str) -> bool:
        """Return whether there is an app with this name, working or broken."""
        return app in self.registry.apps

    def __getitem__(self, app: str) -> App:
        """Return an app, working or broken; for one that was removed while a tab showed it, one without anything."""
        return self.registry.apps.get(app) or App(app, problem=GONE)

    @property
    def tables(self) -> dict[str, Table]:
        """The table that each working app shows, by the app's name."""
        return {app.name: app.tables[0] for app in self.registry.sound.values() if app.tables}

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with each app, by name, in the order of the menu; "" if nothing is."""
        listed = sorted(self.registry.apps.values(), key=lambda app: app.place)
        return {app.name: app.problem or self._failures(app) for app in listed}

    @property
    def titles(self) -> Mapping[str, str]:
        """What each app is called for people, by name."""
        return {name: app.title for name, app in self.registry.apps.items()}

    @property
    def declared(self) -> frozenset[str]:
        """Names of the apps that the user declared: they can be changed in a form."""
        apps = self.registry.apps.values()
        return frozenset(app.name for app in apps if app.own and not app.version and app.tables)

    def title(self, app: str) -> str:
        """Return what an app is called for people."""
        return self[app].title

    def _failures(self, app: App) -> str:
        """Return what fails here, known at once, and what other processes have reported."""
        own = list(filter(None, (app.outdated, app.failures)))
        return " ".join(dict.fromkeys([*own, *self._board.of(app.name, but=self._process)]))

    @property
    def failures(self) -> list[dict[str, str]]:
        """The failures that processes reported, as JSON values; and own apps whose newest version does not work."""
        old = [
            {"app": app.name, "process": "store", "problem": app.outdated}
            for app in self.registry.apps.values()
            if app.outdated
        ]
        return [*self._board.as_json(), *old]

    def table(self, app: str, name: str = "") -> Table | None:
        """Return the table of this name that an app shows, else its first one; None when the app is broken."""
        return next((one for one in self.tables_of(app) if one.name == name), self.tables.get(app))

    def table_in(self, window: AppWindow) -> Table | None:
        """Return the table that a window shows; None when its app is broken."""
        return self.table(window.app, window.look.table)

    def tables_of(self, app: str) -> tuple[Table, ...]:
        """Return the tables whose rows an app shows: all of its own, but only the first if it draws its page itself."""
        own = tuple(one for one in self[app].tables if one not in CORE)
        return own if len(own) == len(self[app].tables) and not self.has_own_page(app) else self[app].tables[:1]

    def has_own_page(self, app: str) -> bool:
        """Return whether an app draws its page itself: then its rows have no other views and no pages."""
        return self[app].has("view") or self[app].has("read")

    @property
    def row_pages(self) -> Mapping[str, str]:
        """The address at which the rows of a table are shown, by the table's name, where they have pages."""
        apps = [app for app in self.registry.sound if not self.has_own_page(app)]
        return {
            table.name: address(app, {}, {TABLE: table.name} if place else {})
            for app in apps
            for place, table in enumerate(self.tables_of(app))
        }

    @property
    def first(self) -> str:
        """Name of the app to show when none was chosen."""
        return DEFAULT_APP if DEFAULT_APP in self.tables else next(iter(self.tables))


def slug(text: str) -> str:
    """Return a text as part of an HTML id: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
