"""The actions for the whole list. The list itself is generated."""

from collections.abc import Sequence

from apps.hookspecs import hook
from apps.views import Action


@hook
def actions() -> Sequence[Action]:
    """Return one entry: delete all todos that are done."""
    done = {"verb": "delete", "table": "todo", "where": {"done": True}}
    return (Action("Delete what is done", (done,), "Delete all todos of this profile that are done?"),)
