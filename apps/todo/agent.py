"""What the assistant knows about todo, and what deserves a remark."""

from apps.hookspecs import hook
from bus.messages import StoreChanged


@hook
def prompt() -> str:
    """Return the prompt about todo."""
    return "The user keeps a todo list. A todo is open until its box is ticked (`done`)."


@hook
def worth_a_comment(fact: StoreChanged) -> str:
    """Return a sentence for adding, ticking and deleting; "" for moving and renaming."""
    title = fact.row.get("title") or fact.before.get("title", "")
    if fact.verb == "insert":
        return f"added the todo “{title}”"
    if fact.verb == "delete":
        return f"deleted the todo “{title}”"
    if fact.row["done"] != fact.before.get("done", fact.row["done"]):
        return f"ticked “{title}”" if fact.row["done"] else f"unticked “{title}”"
    return ""
