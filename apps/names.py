"""Check the names of apps, tables and fields, and build the sentence for a bad one."""

import keyword
import re

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
SHAPE = "a name of 1 to 40 letters a-z, digits and _, with a letter first"

GIVEN_FIELDS = ("id", "position", "profile")
"""Fields that a table has without declaring them."""
RESERVED_FIELDS = frozenset((*GIVEN_FIELDS, "table", "where", "do", "nonce", "talk", "rowid", "oid", "rank"))
"""These names have another meaning in SQLite, in a command of the page, or in its address."""
RESERVED_TABLES = frozenset(("answered", "shape", "migration", "change_read"))
"""Names of the store's own tables, and others that no app may use."""
RESERVED_APPS = frozenset(("none", "core", "app", "apps", "bus", "store", "agent", "web", "services", "pianola"))
INDEX_SUFFIX = "_fts"
"""Ending of the names of full-text indexes."""


def problem_of_field(name: object) -> str:
    """Return why this name cannot be used for a field, "" if it can."""
    if name in RESERVED_FIELDS:
        return f"{name!r} cannot name a field: it is reserved. Choose another name than {_listed(RESERVED_FIELDS)}."
    return _problem("a field", name)


def problem_of_table(name: object) -> str:
    """Return why this name cannot be used for a table, "" if it can."""
    if name in RESERVED_TABLES:
        return f"{name!r} cannot name a table: it is reserved. Choose another name than {_listed(RESERVED_TABLES)}."
    if INDEX_SUFFIX in str(name):
        return f"{name!r:.60} cannot name a table: {INDEX_SUFFIX} belongs to the names of indexes. Leave it out."
    return _problem("a table", name)


def problem_of_app(name: object) -> str:
    """Return why this name cannot be used for an app, "" if it can."""
    if name in RESERVED_APPS or keyword.iskeyword(str(name)):
        return f"{name!r} cannot name an app: it is reserved. Choose another name, for example my_{name}."
    return _problem("an app", name)


def problem_of_name(what: str, name: object) -> str:
    """Return why this name cannot name `what` ("a step"), "" if it can. It needs the usual form, nothing else."""
    return _problem(what, name)


def _problem(what: str, name: object) -> str:
    if type(name) is str and IDENTIFIER.fullmatch(name) and not name.startswith("sqlite_"):
        return ""
    return f"{name!r:.60} cannot name {what}. Expected {SHAPE}; not sqlite_…"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
