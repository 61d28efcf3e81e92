"""Values, rows and actions in words: for the prompt, for comments, and for the cards in the chat. Pure."""

import re

from apps.tables import Row, Table
from bus.messages import StoreChanged, UiActed
from services.agent.limits import MAX_ACTION_DETAILS, MAX_ACTION_WORD, MAX_APP_NAME, MAX_ROW_NAME, MAX_VALUE

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def one_line(text: str, limit: int = MAX_VALUE) -> str:
    """Return the text without line breaks, cut to `limit` characters."""
    text = CONTROL.sub(" ", text[: limit + 20]).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def value_text(value: object, limit: int = 0) -> str:
    """Return a value of a row as people write it, in one line. `limit`: characters; 0: `MAX_VALUE`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return one_line(str(value), limit or MAX_VALUE)


def row_name(row: Row, table: Table) -> str:
    """Return the name of a row: its first text, in quotes; else its table and id."""
    text = next((row.get(one.name) for one in table.fields if one.kind.is_text and row.get(one.name)), "")
    return f"“{one_line(str(text), MAX_ROW_NAME)}”" if text else f"{table.name} {row.get('id', '')}".strip()


def describe_change(fact: StoreChanged, table: Table) -> str:
    """Return what a change did: "added a todo: “milk”"."""
    label = table.label or f"a row of {table.name}"
    if fact.verb == "insert":
        return f"added {label}: {row_name(fact.row, table)}"
    if fact.verb == "delete":
        return f"deleted {label}: {row_name(fact.before, table)}"
    different = [one for one in table.fields if fact.row.get(one.name) != fact.before.get(one.name)]
    values = ", ".join(f"{one.name}: {value_text(fact.row.get(one.name))}" for one in different)
    return f"changed {label}: {row_name(fact.row, table)} ({values})" if values else f"moved {label}"


def describe_action(fact: UiActed) -> str:
    """Return what the user did without changing data: "opened todo"."""
    if fact.action == "poked":
        return "poked you: they want to hear something about what they see and did lately"
    details = list(fact.detail.items())[:MAX_ACTION_DETAILS]
    detail = ", ".join(f"{one_line(str(key), MAX_ACTION_WORD)}: {value_text(value)}" for key, value in details)
    action, app = one_line(fact.action, MAX_ACTION_WORD), one_line(fact.app, MAX_APP_NAME)
    return f"{action} {app}" + (f" ({detail})" if detail else "")
