"""What the assistant knows about todo, and what deserves a remark."""

from datetime import datetime

from apps.due.near import near
from apps.hookspecs import hook
from apps.tables import Row
from apps.types.reader import HERE
from bus.messages import StoreChanged


@hook
def prompt() -> str:
    """Return the prompt about todo."""
    return (
        "The user keeps a todo list. A todo is open until its box is ticked (`done`). It may be due (`due`), come "
        "again (`repeat`: ticking it makes the next one), have `tags` and a `note`, and be a part of another todo "
        "(`parent`). Write a date or a repeat in the user's own words."
    )


@hook
def worth_a_comment(fact: StoreChanged) -> str:
    """Return a sentence for adding, ticking and deleting; "" for moving and renaming."""
    title = fact.row.get("title") or fact.before.get("title", "")
    if fact.verb == "insert":
        return f"added the todo “{title}”{due_in_words(fact.row)}"
    if fact.verb == "delete":
        return f"deleted the todo “{title}”"
    if fact.row["done"] != fact.before.get("done", fact.row["done"]):
        return f"{'ticked' if fact.row['done'] else 'unticked'} “{title}”{due_in_words(fact.before)}"
    return ""


def due_in_words(row: Row) -> str:
    """Return when a todo is due, to stand behind its title; "" for one without a date."""
    now = datetime.now(HERE.zone).replace(tzinfo=None)
    return f", due {near(row['due'], now, HERE)}" if row.get("due") else ""
