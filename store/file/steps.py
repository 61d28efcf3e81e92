"""The numbered steps that upgrade the store's own tables; each runs once on each file."""

import json
from typing import TYPE_CHECKING

from apps.core import DEFAULT_APP
from store.file.types import written

if TYPE_CHECKING:
    from sqlite_utils import Database


def _to_version_1(database: "Database") -> None:
    """Create the tables of the history: every change, and every order that was answered."""
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


def _to_version_2(database: "Database") -> None:
    """Make the history readable; store the rows of each batch, and which migrations of apps have run."""
    database.execute("create index change_at on change (at)")
    database.execute("create index change_asked on change (asked)")
    database.execute(
        "create view change_read as select revision as id, at, subject, verb, row, before, after, actor, cause, asked,"
        " undoes, coalesce((select revision from change as one where one.undoes = change.revision and one.undoes > 0"
        " and not exists (select 1 from change as other where other.undoes = one.revision and other.undoes > 0)), 0)"
        " as undone_by from change"  # `undoes > 0`: the index covers only these rows
    )
    database.execute("alter table answered add column places text not null default ''")
    database.execute(
        "create table migration (app text not null, name text not null, at real not null, primary key (app, name))"
        " without rowid"
    )
    escaped = database.execute(r"select revision, row from change where row like '%\u%'").fetchall()
    for revision, row in escaped:  # ids are no longer escaped, like all other JSON
        database.execute("update change set row = ? where revision = ?", [written(json.loads(row)), revision])
    for table in database.tables:  # version 1 had other indexes; `shape` creates the new ones
        if table.detect_fts():
            table.disable_fts()
        for index in table.indexes:
            if index.name.startswith("idx_"):
                database.execute(f'drop index "{index.name}"')


def _to_version_3(database: "Database") -> None:
    """Extend the time index of the history to all columns that the journal filters by: counting then reads no rows.

    `at` stands before `actor`, so that new entries are added at the end, and so that SQLite does not choose this index
    instead of `change_row` for queries by row and actor.
    """
    database.execute("drop index change_at")
    database.execute("create index change_filter on change (subject, at, actor)")


def _to_version_4(database: "Database") -> None:
    """Remove the text indexes of earlier versions; `shape` creates those of the normal form.

    An earlier program cannot write a file with the new ones: it lacks the function of their triggers.
    """
    for table in database.tables:
        if table.detect_fts():
            table.disable_fts()


def _to_version_5(database: "Database") -> None:
    """Remember what was deleted for good until all files are clean. The history no longer holds prompts."""
    database.execute("create table erasing (revision integer primary key, at real not null)")
    database.execute("update change set before = '{}', after = '{}' where subject in ('told', 'layer')")


def _to_version_6(database: "Database") -> None:
    """Move remarks out of the conversations. The app of each is the one that is named as the table that it is about.

    A remark that the user asked for, or whose change is not kept any more, gets the app that was opened last.
    """
    message = database.table("message")
    if not message.exists():  # a new file
        return
    present = message.columns_dict
    if not {"purpose", "conversation"} <= set(present):
        return
    if "app" not in present:
        database.execute("alter table message add column app text not null default ''")
    opened = database.execute("select value from setting where id = 'app'").fetchone()
    app = json.loads(opened[0]) if opened else DEFAULT_APP
    database.execute(
        "update message set conversation = 0, app = coalesce((select about.subject from change as made"
        " join change as about on about.revision = cast(substr(made.asked, 8) as integer)"
        " where made.subject = 'message' and made.row = cast(message.id as text) and made.verb = 'insert'"
        " and made.asked like 'remark-%'), ?) where purpose = 'comment'",
        [app if type(app) is str else DEFAULT_APP],
    )
    database.execute(
        "delete from conversation where title = 'Remarks' and not exists"
        " (select 1 from message where message.conversation = conversation.id)"
        " and cast(id as text) not in (select value from setting where id = 'conversation')"
    )


def _to_version_7(database: "Database") -> None:
    """Remember for each change which client has ordered it."""
    database.execute("alter table change add column client text not null default ''")
    database.execute("drop view change_read")
    database.execute(
        "create view change_read as select revision as id, at, subject, verb, row, before, after, actor, cause, asked,"
        " undoes, coalesce((select revision from change as one where one.undoes = change.revision and one.undoes > 0"
        " and not exists (select 1 from change as other where other.undoes = one.revision and other.undoes > 0)), 0)"
        " as undone_by, client from change"
    )


def _to_version_8(database: "Database") -> None:
    """Find the changes of each client; remember what an order was, so that no other one goes by its id."""
    database.execute("create index change_client on change (client)")
    database.execute("alter table answered add column digest text not null default ''")


STEPS = (
    _to_version_1,
    _to_version_2,
    _to_version_3,
    _to_version_4,
    _to_version_5,
    _to_version_6,
    _to_version_7,
    _to_version_8,
)
"""The step at index N upgrades version N to N + 1. Never change a released step; add a new one."""
