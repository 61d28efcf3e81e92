"""Habits: what you want to do each day, and how often you have. Copy this file into the folder `apps`."""

from apps.hookspecs import hook
from apps.tables import Field, Table
from bus.messages import StoreChanged

HABIT = Table(
    "habit",
    (
        Field("name", required=True, searched=True),
        Field("today", "boolean", label="Done today"),
        Field("days", "integer", label="Days in all"),
        Field("why", limit=2_000),
    ),
    label="a habit",
    sortable=True,
    scoped=True,
)


@hook
def tables() -> tuple[Table, ...]:
    """Return the one table."""
    return (HABIT,)


@hook
def prompt() -> str:
    """Say what the fields mean, where the names do not."""
    return "The user has daily habits. `today` is ticked when one was done today; `days` counts the days in all."


@hook
def worth_a_comment(fact: StoreChanged) -> str:
    """Say something when a habit was done."""
    done = fact.verb == "update" and fact.row["today"] and not fact.before.get("today")
    return f"did “{fact.row['name']}” today" if done else ""
