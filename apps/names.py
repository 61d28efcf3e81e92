"""Which names an app, a table and a field may have, and the sentence for those that may not."""

import keyword
import re

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
SHAPE = "a name of 1 to 40 letters a-z, digits and _, with a letter first"

GIVEN_FIELDS = ("id", "position", "profile")
"""Fields that a table gets by being what it is."""
RESERVED_FIELDS = frozenset((*GIVEN_FIELDS, "table", "where", "do", "nonce", "rowid", "oid", "rank"))
"""What SQLite, or a command of the page, calls something else."""
RESERVED_TABLES = frozenset(("answered", "shape", "migration", "change_read", "app"))
"""Tables of the store itself that no app may show."""
RESERVED_APPS = frozenset(
    ("none", "core", "app", "apps", "bus", "store", "agent", "web", "jobs", "services", "pianola")
)
INDEX_SUFFIX = "_fts"
"""Of the names of full-text indexes."""


def problem_of_field(name: object) -> str:
    """Return why a field may not be named so, "" when it may."""
    if name in RESERVED_FIELDS:
        return f"{name!r} cannot name a field: it is reserved. Choose another name than {_listed(RESERVED_FIELDS)}."
    return _problem("a field", name)


def problem_of_table(name: object) -> str:
    """Return why a table may not be named so, "" when it may."""
    if name in RESERVED_TABLES:
        return f"{name!r} cannot name a table: it is reserved. Choose another name than {_listed(RESERVED_TABLES)}."
    if INDEX_SUFFIX in str(name):
        return f"{name!r:.60} cannot name a table: {INDEX_SUFFIX} belongs to the names of indexes. Leave it out."
    return _problem("a table", name)


def problem_of_app(name: object) -> str:
    """Return why an app may not be named so, "" when it may."""
    if name in RESERVED_APPS or keyword.iskeyword(str(name)):
        return f"{name!r} cannot name an app: it is reserved. Choose another name, for example my_{name}."
    return _problem("an app", name)


def _problem(what: str, name: object) -> str:
    if type(name) is str and IDENTIFIER.fullmatch(name) and not name.startswith("sqlite_"):
        return ""
    return f"{name!r:.60} cannot name {what}. Expected {SHAPE}; not sqlite_…"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
