"""The actions for the whole list, and what an empty one offers. The list itself is generated."""

from collections.abc import Sequence

from apps.hookspecs import hook
from apps.views import Action, Examples


@hook
def actions() -> Sequence[Action]:
    """Return the entries: sort by due date, delete all todos that are done."""
    done = {"verb": "delete", "table": "todo", "where": {"done": True}}
    by_due = {"verb": "sort", "table": "todo", "values": {"by": "due"}}
    return (
        Action("Sort by due date", (by_due,)),
        Action("Delete what is done", (done,), "Delete all todos of this profile that are done?"),
    )


@hook
def examples() -> Examples:
    """Return three todos, and three things to say."""
    titles = ("Water the plants", "Call the dentist", "Buy strings for the guitar")
    sentences = ("Add milk and eggs", "Remind me to call Ada on Friday", "What is on the list?")
    return Examples(tuple({"title": title} for title in titles), sentences)
