"""The apps as the page knows them: which can be opened, what their table is, and which are broken and why."""

import re
from collections.abc import Mapping

from apps.core import DEFAULT_APP
from apps.failures import Board
from apps.registry import App, Registry
from apps.tables import Table


class AppList:
    """The registry's apps, and what all processes say of them."""

    def __init__(self, registry: Registry, board: Board) -> None:
        """`registry`: as this process loaded it."""
        self.registry = registry
        self._board = board

    def __contains__(self, app: str) -> bool:
        """Return whether there is an app of this name, sound or broken."""
        return app in self.registry.apps

    def __getitem__(self, app: str) -> App:
        """Return an app, sound or broken."""
        return self.registry.apps[app]

    @property
    def tables(self) -> dict[str, Table]:
        """The table that each sound app shows, by the app's name."""
        return {app.name: app.tables[0] for app in self.registry.sound.values() if app.tables}

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with each app, in the order of the menu; "" for a sound one."""
        return {name: app.problem or self._board.of(name) for name, app in self.registry.apps.items()}

    @property
    def failures(self) -> list[dict[str, str]]:
        """What each process said of apps that fail, for programs."""
        return self._board.as_json()

    def table(self, app: str) -> Table | None:
        """Return the table that an app shows; None when it is broken."""
        return self.tables.get(app)

    @property
    def first(self) -> str:
        """Name of the app that is shown when none was chosen."""
        return DEFAULT_APP if DEFAULT_APP in self.tables else next(iter(self.tables))


def slug(text: str) -> str:
    """Return a text as a part of an id in the page."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
