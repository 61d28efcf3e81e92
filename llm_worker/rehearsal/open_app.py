"""What the prompt says of the open app: its name, what it is for, and the table whose rows can be changed. Pure."""

import re
from dataclasses import dataclass

from bus.messages import Values

APP = re.compile(r"^# The open app: ([^\n]{1,100})\n(?!# )(.*)$", re.MULTILINE)
TABLE = re.compile(r"^Table ([a-z][a-z0-9_]*)((?: \([a-z ]+\))?), fields: (.*)\.$", re.MULTILINE)
FIELD = re.compile(r"(?:^|, )([^(),][^()]{0,99}?) \(([^()]*)\)")
"""A field as the prompt has it: its label, in any script, and what it holds."""


@dataclass(frozen=True, slots=True)
class OpenField:
    """A field: its label, and what it holds, as the prompt has it: "one of bath, hall"."""

    label: str
    holds: str = "text"


@dataclass(frozen=True, slots=True)
class OpenTable:
    """The table that orders are about. `title`, `tick`: its fields for the name and for "done"; "" for none."""

    name: str = "todo"
    title: str = "title"
    tick: str = "done"
    fields: tuple[OpenField, ...] = ()
    """All its fields."""


def open_table(messages: list[Values]) -> OpenTable | None:
    """Return the first table of the open app whose rows can be made; None for no such table.

    Where the prompt tells of no table at all, it is that of todo.
    """
    tables = TABLE.findall(system_of(messages))
    for name, access, listed in tables:
        if not access:
            fields = FIELD.findall(listed)
            texts = [(one, words) for one, words in fields if words.startswith("text")]
            title = next((one for one, words in texts if "required" in words), texts[0][0] if texts else "")
            tick = next((one for one, words in fields if words.startswith("true or false")), "")
            return OpenTable(name, title, tick, tuple(OpenField(*one) for one in fields))
    return None if tables else OpenTable()


def about_app(messages: list[Values]) -> str:
    """Return the name of the open app, and what the prompt says of it; "" where it says nothing."""
    found = APP.search(system_of(messages))
    return f"This is the app {found[1]}. I am told this about it: {found[2]}" if found and found[2].strip() else ""


def system_of(messages: list[Values]) -> str:
    """Return the first part of a prompt: what the model is, and the open app."""
    return next((str(one.get("content", "")) for one in messages if one.get("role") == "system"), "")
