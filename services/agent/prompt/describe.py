"""What happened, in words: for the prompt, for remarks, and for the entries in the chat. Pure."""

import re

from apps.tables import Row, Table
from bus.messages import StoreChanged, UiActed

LONGEST_NAME = 80
LONGEST_VALUE = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def one_line(text: str, limit: int = LONGEST_VALUE) -> str:
    """Return the text without line breaks, cut to `limit` characters."""
    text = CONTROL.sub(" ", text[: limit + 20]).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def plain(value: object, longest: int = 0) -> str:
    """Return a value of a row as people write it. `longest`: characters; 0: as many as usual."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return one_line(str(value), longest or LONGEST_VALUE)


def name_of(row: Row, table: Table) -> str:
    """Return what a row is called: its first text, in quotes; else its id."""
    text = next((row.get(one.name) for one in table.fields if one.kind.is_text and row.get(one.name)), "")
    return f"“{one_line(str(text), LONGEST_NAME)}”" if text else f"{table.name} {row.get('id', '')}".strip()


def changed(fact: StoreChanged, table: Table) -> str:
    """Return what a change did: "added a todo: “milk”"."""
    label = table.label or f"a row of {table.name}"
    if fact.verb == "insert":
        return f"added {label}: {name_of(fact.row, table)}"
    if fact.verb == "delete":
        return f"deleted {label}: {name_of(fact.before, table)}"
    different = [one for one in table.fields if fact.row.get(one.name) != fact.before.get(one.name)]
    values = ", ".join(f"{one.name}: {plain(fact.row.get(one.name))}" for one in different)
    return f"changed {label}: {name_of(fact.row, table)} ({values})" if values else f"moved {label}"


def acted(fact: UiActed) -> str:
    """Return what the user did without changing data: "opened todo"."""
    if fact.action == "poked":
        return "poked you: they want to hear something about what they see and did lately"
    detail = ", ".join(f"{one_line(str(key), 40)}: {plain(value)}" for key, value in list(fact.detail.items())[:5])
    return f"{one_line(fact.action, 40)} {one_line(fact.app, 60)}" + (f" ({detail})" if detail else "")
