"""Values, rows and actions in words: for the prompt, for comments, and for the cards in the chat. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from apps.core import JOB
from apps.tables import Row, Table
from bus.messages import StoreChanged, UiActed, Values
from bus.servers.titles import called
from services.agent.limits import MAX_ACTION_DETAILS, MAX_ACTION_WORD, MAX_APP_NAME, MAX_ROW_NAME, MAX_VALUE

Verb = Literal["insert", "update", "delete"]

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def one_line(text: str, limit: int = MAX_VALUE) -> str:
    """Return the text without line breaks, cut to `limit` characters."""
    text = CONTROL.sub(" ", text[: limit + 20]).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def value_text(value: object, limit: int = 0) -> str:
    """Return a value of a row as people write it, in one line. `limit`: characters; 0: `MAX_VALUE`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):  # tags, or ids of rows
        value = ", ".join(map(str, value))
    return one_line(str(value), limit or MAX_VALUE)


def row_name(row: Row, table: Table) -> str:
    """Return the name of a row: its first text, in quotes; else its table and id."""
    text = next((row.get(one.name) for one in table.fields if one.kind.is_text and row.get(one.name)), "")
    return f"“{one_line(str(text), MAX_ROW_NAME)}”" if text else f"{table.name} {row.get('id', '')}".strip()


# --- changes of data ---


def describe_change(fact: StoreChanged, table: Table) -> str:
    """Return what a change did: "added a todo: “milk”"; of an undo, what it took back."""
    if table.name == JOB.name:
        return describe_job(fact)
    return f"took back: {_done(undone(fact), table)}" if fact.undoes else _done(fact, table)


def undone(fact: StoreChanged) -> StoreChanged:
    """Return the change that an undo took back: the undo the other way round."""
    verb: Verb = {"insert": "delete", "delete": "insert"}.get(fact.verb, "update")  # type: ignore[assignment]
    return replace(fact, verb=verb, row=fact.before, before=fact.row)


def _done(fact: StoreChanged, table: Table) -> str:
    label = table.label or f"a row of {table.name}"
    if fact.verb == "insert":
        return f"added {label}: {row_name(fact.row, table)}"
    if fact.verb == "delete":
        return f"deleted {label}: {row_name(fact.before, table)}"
    different = [one for one in table.fields if fact.row.get(one.name) != fact.before.get(one.name)]
    values = ", ".join(f"{one.called}: {value_text(fact.row.get(one.name))}" for one in different)
    return f"changed {label}: {row_name(fact.row, table)} ({values})" if values else f"moved {label}"


def describe_import(fact: StoreChanged) -> str:
    """Return what became of an import, "" while nothing did: "imported “todo.csv”: 12 rows of todo"."""
    row, state = fact.row, fact.row.get("state")
    if fact.verb != "update" or state == fact.before.get("state"):
        return ""
    file, rows = quoted(row.get("file")), f"{counted(row.get('done'), 'row')} of {one_line(str(row.get('subject')))}"
    return {
        "done": f"imported {file}: {rows}",
        "stopped": f"began to import {file}, and it stopped after {rows}",
        "undone": f"took back the import of {file}",
    }.get(str(state), "")


def describe_job(fact: StoreChanged) -> str:
    """Return what somebody did with a job, or "" where nobody did: "started the job “Simulate: fast”"."""
    title, state = quoted((fact.row or fact.before).get("title")), fact.row.get("state")
    if fact.verb in ("insert", "delete"):
        return f"{'started' if fact.verb == 'insert' else 'deleted'} the job {title}"
    if state == fact.before.get("state", state):
        return ""
    again = fact.row.get("attempt") != fact.before.get("attempt", fact.row.get("attempt"))
    return {
        "cancelled": f"cancelled the job {title}",
        "waiting": f"started the job {title} again" if again else "",
    }.get(str(state), "")


def describe_end_of_job(fact: StoreChanged) -> str:
    """Return how a job ended by itself, "" if it did not: "The job “Simulate: fast” is done"."""
    title, state = quoted(fact.row.get("title")), fact.row.get("state")
    if fact.verb != "update" or state == fact.before.get("state", state):
        return ""
    problem = one_line(str(fact.row.get("problem") or ""))
    return {
        "done": f"The job {title} is done",
        "failed": f"The job {title} failed: {problem}" if problem else f"The job {title} failed",
        "paused": f"The job {title} is paused",
    }.get(str(state), "")


def describe_setting(key: str, value: object, name: str = "") -> str:
    """Return what the user switched, "" for a setting that is not heard. `name`: of what the value stands for."""
    words = SWITCHED.get(key)
    return words(value, name) if words else ""


def _conversation(value: object, name: str) -> str:
    if not value:
        return "began a new conversation"
    return f"opened the conversation {quoted(name)}" if name else "opened another conversation, or another version"


def _profile(_value: object, name: str) -> str:
    return f"switched to the profile {one_line(name, MAX_ROW_NAME)}" if name else "switched to another profile"


SWITCHED: Mapping[str, Callable[[object, str], str]] = {
    "profile": _profile,
    "model": lambda value, _: f"switched to the model {one_line(called(str(value)), MAX_ROW_NAME)}",
    "mode": lambda value, _: f"switched your remarks to {one_line(str(value), MAX_ACTION_WORD)}",
    "persona": lambda value, name: f"gave you the persona {one_line(name or str(value), MAX_ROW_NAME)}",
    "ask": lambda value, _: f"wants to be asked before changes: {one_line(str(value), MAX_ACTION_WORD)}",
    "conversation": _conversation,
}
"""By the key of the setting: its value and the name of what the value stands for, in words."""


# --- actions that change no data ---


def describe_action(fact: UiActed) -> str:
    """Return what the user did without changing data: "opened todo"."""
    words = ACTIONS.get(fact.action)
    return words(fact) if words else _any_action(fact)


def _poked(_fact: UiActed) -> str:
    return "poked you: they want to hear something about what they see and did lately"


def _opened(fact: UiActed) -> str:
    return f"opened {_app(fact)}"


def _searched(fact: UiActed) -> str:
    return f"searched for {quoted(fact.detail.get('text'))}: {counted(fact.detail.get('found'), 'row')}"


def _filtered(fact: UiActed) -> str:
    filters = fact.detail.get("filters")
    if not isinstance(filters, dict) or not filters:
        return f"took away the filters of {_app(fact)}"
    return f"filtered {_app(fact)} by {_details(filters)}"


def _viewed(fact: UiActed) -> str:
    view, row = fact.detail.get("view"), fact.detail.get("row")
    if row is not None:
        return f"opened the page of the row {one_line(str(row), MAX_APP_NAME)} of {_app(fact)}"
    return f"looked at {_app(fact)} as {one_line(str(view), MAX_APP_NAME)}"


def _found(fact: UiActed) -> str:
    return f"went to {_row(fact)}"


def _selected(fact: UiActed) -> str:
    return f"opened {_row(fact)} to change it"


def _stopped(_fact: UiActed) -> str:
    return "stopped your answer"


def _asked_why(fact: UiActed) -> str:
    return f"asked why this is so: {_row(fact)}"


def _exported(fact: UiActed) -> str:
    return f"exported {quoted(fact.detail.get('file'))}: {counted(fact.detail.get('rows'), 'row')}"


def _any_action(fact: UiActed) -> str:
    """Return what an action did that has no words of its own: "jumped todo (height: 3)"."""
    detail = _details(fact.detail)
    return f"{one_line(fact.action, MAX_ACTION_WORD)} {_app(fact)}" + (f" ({detail})" if detail else "")


ACTIONS: Mapping[str, Callable[[UiActed], str]] = {
    "poked": _poked,
    "opened": _opened,
    "searched": _searched,
    "filtered": _filtered,
    "viewed": _viewed,
    "found": _found,
    "selected": _selected,
    "stopped": _stopped,
    "asked_why": _asked_why,
    "exported": _exported,
}
"""By the `action` of `ui.acted`. Which actions there are: `web/state/user_actions.py`."""

LAST_COUNTS = ("searched", "filtered", "viewed", "opened", "selected")
"""Actions of which only the last is told when several come in a row."""


def _app(fact: UiActed) -> str:
    return one_line(fact.app, MAX_APP_NAME)


def _row(fact: UiActed) -> str:
    """Return the row that an action is about: "“milk” of todo"."""
    name, table = fact.detail.get("name"), one_line(str(fact.detail.get("table", "")), MAX_APP_NAME)
    return f"{quoted(name)} of {table}" if name else f"a row of {table}"


def _details(values: Values) -> str:
    few = list(values.items())[:MAX_ACTION_DETAILS]
    return ", ".join(f"{one_line(str(key), MAX_ACTION_WORD)}: {value_text(value)}" for key, value in few)


def quoted(text: object) -> str:
    """Return a text in quotes and one line, cut to `MAX_ROW_NAME` characters."""
    return f"“{one_line(str(text or ''), MAX_ROW_NAME)}”"


def counted(number: object, noun: str) -> str:
    """Return a number with its noun: "1 row", "3 rows"."""
    whole = number if isinstance(number, int) else 0
    return f"{whole:,} {noun}{'' if whole == 1 else 's'}"
