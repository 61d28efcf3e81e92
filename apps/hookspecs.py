"""The whole surface for apps: pluggy hooks, by the process that calls them.

An app is a folder with `store.py`, and where it wants more `agent.py` and `web.py`; each holds hook implementations,
marked with `@hook`. The app's name is the folder's.
"""

import pluggy

from apps.tables import Table
from bus.messages import StoreChanged

spec = pluggy.HookspecMarker("pianola")
hook = pluggy.HookimplMarker("pianola")


class StoreHooks:
    """Called by store, and read by agent and web, which use the same declaration."""

    @spec
    def tables(self) -> tuple[Table, ...]:
        """Return the app's tables; the first one is what the page shows."""
        raise NotImplementedError


class AgentHooks:
    """Called by agent."""

    @spec
    def prompt(self) -> str:
        """Return what the assistant should know while this app is open: a few sentences."""
        raise NotImplementedError

    @spec(firstresult=True)
    def worth_a_comment(self, fact: StoreChanged) -> str:
        """Return what happened, in words, when it deserves a remark in ambient mode; else ""."""
        raise NotImplementedError
