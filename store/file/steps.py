"""How the core's own tables came to be what they are: numbered steps, each run once on each file."""

import json
from typing import TYPE_CHECKING

from store.file.field_types import written

if TYPE_CHECKING:
    from sqlite_utils import Database


def _first(database: "Database") -> None:
    """Make what keeps the history: every change, and every order that was answered."""
    database.execute(
        "create table change (revision integer primary key autoincrement, at real not null, subject text not null,"
        " verb text not null, row text not null, before text not null, after text not null, actor text not null,"
        " cause text not null, asked text not null, undoes integer not null default 0)"
    )
    database.execute("create index change_row on change (subject, row)")
    database.execute("create index change_undoes on change (undoes) where undoes > 0")
    database.execute(
        "create table answered (id text primary key, at real not null, first integer not null, last integer not null,"
        " error text not null) without rowid"
    )
    database.execute("create table shape (declared text not null)")
    database.execute("insert into shape values ('')")


def _second(database: "Database") -> None:
    """Make the history readable, remember what a batch was about, and which migrations of apps have run."""
    database.execute("create index change_at on change (at)")
    database.execute("create index change_asked on change (asked)")
    database.execute(
        "create view change_read as select revision as id, at, subject, verb, row, before, after, actor, cause, asked,"
        " undoes, coalesce((select revision from change as one where one.undoes = change.revision and one.undoes > 0"
        " and not exists (select 1 from change as other where other.undoes = one.revision and other.undoes > 0)), 0)"
        " as undone_by from change"  # `undoes > 0` has it use the index, which covers no others
    )
    database.execute("alter table answered add column places text not null default ''")
    database.execute(
        "create table migration (app text not null, name text not null, at real not null, primary key (app, name))"
        " without rowid"
    )
    escaped = database.execute(r"select revision, row from change where row like '%\u%'").fetchall()
    for revision, row in escaped:  # ids are written as all else now
        database.execute("update change set row = ? where revision = ?", [written(json.loads(row)), revision])
    for table in database.tables:  # the indexes of version 1 were others; they are made anew
        if table.detect_fts():
            table.disable_fts()
        for index in table.indexes:
            if index.name.startswith("idx_"):
                database.execute(f'drop index "{index.name}"')


def _third(database: "Database") -> None:
    """Let the index that filters the history by time cover all that the journal filters by: no row is read to count.

    The time stands before the actor, so that new entries go to the end, and so that SQLite does not prefer this index
    to `change_row` where rows and actors are asked for.
    """
    database.execute("drop index change_at")
    database.execute("create index change_filter on change (subject, at, actor)")


STEPS = (_first, _second, _third)
"""Step N brings version N to N + 1. Never change one that was released: add another."""
