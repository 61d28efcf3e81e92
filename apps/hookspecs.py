"""Everything that an app can implement: pluggy hooks, grouped by the process that calls them.

An app is a package with `store.py`, and optionally `agent.py`, `web.py` and `jobs.py`. Each but the last holds hook
implementations, marked with `@hook`; `jobs.py` holds the functions that the hook `jobs` declares. Without a hook,
Pianola generates the result from the tables. docs/apps.md shows how to write an app.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

from apps.migrations import Migration
from apps.names import About
from apps.tables import Table
from apps.work.declared import Job
from apps.work.workflows import Workflow
from bus.messages import StoreChanged

if TYPE_CHECKING:
    from fastcore.xml import FT

    from apps.views import Action, AppView, Examples

spec = pluggy.HookspecMarker("pianola")
hook = pluggy.HookimplMarker("pianola")


class StoreHooks:
    """`store.py`: called by store, and also by agent and web, which need the same tables."""

    @spec(firstresult=True)
    def tables(self) -> Sequence[Table]:
        """Return the app's tables. The page shows the first one, which may also be a table of the core."""
        raise NotImplementedError

    @spec(firstresult=True)
    def about(self) -> About:
        """Return what people call the app, its icon, and where it stands in the menu."""
        raise NotImplementedError

    @spec(firstresult=True)
    def migrations(self) -> Sequence[Migration]:
        """Return the functions that upgrade the tables of earlier versions, the oldest first."""
        raise NotImplementedError

    @spec(firstresult=True)
    def jobs(self) -> Sequence[Job]:
        """Return the app's long work. `jobs.py` has an async function for each, of the same name.

        The function takes `progress` (`apps.work.progress`), and each field of the job as an argument by its name.
        """
        raise NotImplementedError

    @spec(firstresult=True)
    def workflows(self) -> Sequence[Workflow]:
        """Return the app's workflows: steps that the user does one after another, in the app `workflows`."""
        raise NotImplementedError


class AgentHooks:
    """`agent.py`: called by agent."""

    @spec(firstresult=True)
    def prompt(self) -> str:
        """Return what the assistant should know while this app is open, in a few sentences."""
        raise NotImplementedError

    @spec(firstresult=True)
    def worth_a_comment(self, fact: StoreChanged) -> str:
        """Return in words what happened, if it deserves a remark in ambient mode; else "".

        Called for what the user did with the app's rows, for rows that a job made (actor `app`), and, where the app
        has jobs, for changes of the rows of its jobs (table `job`).
        """
        raise NotImplementedError


class WebHooks:
    """`web.py`: called by web."""

    @spec(firstresult=True)
    async def read(self, view: "AppView") -> object:
        """Read from the store, with `view.ask`, what the view shows. The view finds the result in `view.read`.

        With this hook the app itself applies filters and pages: `view.query`, `view.limit`, `view.offset`.
        """
        raise NotImplementedError

    @spec(firstresult=True)
    def concerned(self, fact: StoreChanged) -> bool:
        """Return whether a change of any table affects the result of `read`; if so, the view is made again."""
        raise NotImplementedError

    @spec(firstresult=True)
    def view(self, view: "AppView") -> "FT | None":
        """Return the HTML elements of the app's page; None for the generated view."""
        raise NotImplementedError

    @spec(firstresult=True)
    def actions(self) -> "Sequence[Action]":
        """Return the entries of the app's actions menu."""
        raise NotImplementedError

    @spec(firstresult=True)
    def examples(self) -> "Examples":
        """Return what an empty list and an empty conversation offer for a first click."""
        raise NotImplementedError
