"""What can be done with the whole list. The list itself is the generated one."""

from collections.abc import Sequence

from apps.hookspecs import hook
from apps.views import Action


@hook
def actions() -> Sequence[Action]:
    """One entry: a list that is never cleared is no help."""
    done = {"verb": "delete", "table": "todo", "where": {"done": True}}
    return (Action("Delete what is done", (done,), "Delete all todos of this profile that are done?"),)
