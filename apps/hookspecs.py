"""The whole surface for apps: pluggy hooks, by the process that calls them.

An app is a package with `store.py`, and where it wants more `agent.py` and `web.py`; each holds hook implementations,
marked with `@hook`. What a hook does not say is made from the tables. docs/apps.md shows how it is done.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

from apps.migrations import Migration
from apps.tables import Table
from bus.messages import StoreChanged

if TYPE_CHECKING:
    from fastcore.xml import FT

    from apps.views import Action, AppView

spec = pluggy.HookspecMarker("pianola")
hook = pluggy.HookimplMarker("pianola")


class StoreHooks:
    """`store.py`: called by store, and read by agent and web, which use the same declaration."""

    @spec(firstresult=True)
    def tables(self) -> Sequence[Table]:
        """Return the app's tables; the first one is what the page shows. It may be one of the core, to show that."""
        raise NotImplementedError

    @spec(firstresult=True)
    def migrations(self) -> Sequence[Migration]:
        """Return functions that change the shape of tables of earlier versions, the oldest first."""
        raise NotImplementedError


class AgentHooks:
    """`agent.py`: called by agent."""

    @spec(firstresult=True)
    def prompt(self) -> str:
        """Return what the assistant should know while this app is open: a few sentences."""
        raise NotImplementedError

    @spec(firstresult=True)
    def worth_a_comment(self, fact: StoreChanged) -> str:
        """Return what happened, in words, when it deserves a remark in ambient mode; else ""."""
        raise NotImplementedError


class WebHooks:
    """`web.py`: called by web."""

    @spec(firstresult=True)
    async def read(self, view: "AppView") -> object:
        """Ask the store, with `view.ask`, for what the view shows, which finds it in `view.read`.

        Filters and windows are then the app's own affair: `view.query`, `view.limit`, `view.offset`.
        """
        raise NotImplementedError

    @spec(firstresult=True)
    def concerned(self, fact: StoreChanged) -> bool:
        """Return whether a fact about any table changes what `read` found: the view is then made anew."""
        raise NotImplementedError

    @spec(firstresult=True)
    def view(self, view: "AppView") -> "FT | None":
        """Return what the page shows of the app; None for the generated view."""
        raise NotImplementedError

    @spec(firstresult=True)
    def actions(self) -> "Sequence[Action]":
        """Return the entries of the app's actions menu."""
        raise NotImplementedError
