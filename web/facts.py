"""What a stored fact looks like in the pages that show it: HTML, drawn once for all tabs."""

from apps.tables import Table
from bus.messages import StoreChanged
from web.chat import article
from web.rows import row_item
from web.views import append, delete, list_id, message_id, replace, row_id


def draw_message(fact: StoreChanged) -> str:
    """Draw a change of a message of the conversation in view. A streaming text follows by itself."""
    if fact.verb == "delete":
        return delete(message_id(int(fact.id)))
    drawn = article(fact.row, "" if fact.row["state"] == "streaming" else None)
    return append("chat-log", drawn) if fact.verb == "insert" else replace(drawn)


def draw_row(fact: StoreChanged, table: Table, profile: int, end: float) -> str | None:
    """Draw a change of a row; "" when it is not in view, None when only the whole list can show it.

    `end`: the position (or id) of the last row so far: a new row beyond it goes to the end of the list.
    """
    shown = fact.verb != "delete" and in_profile(fact.row, table, profile)
    was_shown = fact.verb != "insert" and in_profile(fact.before, table, profile)
    if not shown:
        return delete(row_id(table.name, fact.id)) if was_shown else ""
    drawn = row_item(table, fact.row, by_model=fact.actor == "model")
    if was_shown:
        return None if _moved(fact, table) else replace(drawn)
    return append(list_id(table.name), drawn) if place(fact.row, table) > end else None


def in_profile(row: dict[str, object], table: Table, profile: int) -> bool:
    """Return whether a row belongs to a profile. One whose `before` was too long to be said counts as its own."""
    return not table.scoped or row.get("profile", profile) == profile


def place(row: dict[str, object], table: Table) -> float:
    """Return what the rows of a table are ordered by."""
    value = row.get("position" if table.sortable else "id", 0)
    return float(value) if isinstance(value, int | float) else 0.0


def _moved(fact: StoreChanged, table: Table) -> bool:
    return table.sortable and fact.before.get("position", fact.row["position"]) != fact.row["position"]
