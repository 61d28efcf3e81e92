"""The full-text indexes of a table's searched fields: one of words, one of parts of words (each three characters).

They hold the normal form of the text (`bus.text.normal`) and no copy of it (FTS5, contentless). Triggers keep them, so
that whatever changes a row changes them as well; their function `search_words` exists in the store's connection alone.
(https://www.sqlite.org/fts5.html, "Contentless Tables" and "The Trigram Tokenizer")
"""

import sqlite3
from typing import TYPE_CHECKING

from apps.tables import Table
from bus.text.normal import VERSION, words
from store.file.columns import quoted

if TYPE_CHECKING:
    from sqlite_utils import Database

TOKENIZERS = {
    "fts": "unicode61 remove_diacritics 0 categories ''L* M* N* Co''",
    "fts_parts": "trigram",
}
"""By the ending of each index's name."""


def add_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the function that triggers need."""
    connection.create_function(
        "search_words", 1, lambda text: "" if text is None else words(str(text)), deterministic=True
    )


def index_names(table: str) -> tuple[str, ...]:
    """Return the names of a table's indexes: of words, and of parts."""
    return tuple(f"{table}_{ending}" for ending in TOKENIZERS)


def index_text(database: "Database", table: Table) -> None:
    """Bring the indexes of a table to its declaration and to today's normal form."""
    statements = _statements(table.name, table.searched) if table.searched else {}
    if statements == _present(database, table.name):
        return
    drop_text_indexes(database, table.name)
    for sql in statements.values():
        database.execute(sql)
    if table.searched:
        names, values = ", ".join(map(quoted, table.searched)), ", ".join(_words(name) for name in table.searched)
        for index in index_names(table.name):
            database.execute(
                f"insert into {quoted(index)} (rowid, {names}) select id, {values} from {quoted(table.name)}"
            )


def drop_text_indexes(database: "Database", table: str) -> None:
    """Remove the indexes of a table, also those of earlier versions."""
    if database.table(table).detect_fts():  # until version 3
        database.table(table).disable_fts()
    for name in _present(database, table):
        kind = "table" if name in index_names(table) else "trigger"
        database.execute(f"drop {kind} if exists {quoted(name)}")


def _statements(table: str, searched: tuple[str, ...]) -> dict[str, str]:
    """Return the SQL that creates the indexes and triggers, by their names."""
    names = ", ".join(map(quoted, searched))
    made = {
        index: f"create virtual table {quoted(index)} using fts5({names}, content='', tokenize='{tokenizer}')"
        for index, tokenizer in zip(index_names(table), TOKENIZERS.values(), strict=True)
    }
    new, old = (", ".join(_words(name, row) for name in searched) for row in ("new.", "old."))
    add = [f"insert into {quoted(index)} (rowid, {names}) values (new.id, {new});" for index in index_names(table)]
    remove = [
        f"insert into {quoted(index)} ({quoted(index)}, rowid, {names}) values ('delete', old.id, {old});"
        for index in index_names(table)
    ]
    events = {"insert": add, "delete": remove, f"update of {names}": remove + add}
    for event, actions in events.items():
        name = f"{table}_fts_{event.split(' ')[0]}"
        body = f"begin /* normal form {VERSION} */ {' '.join(actions)} end"
        made[name] = f"create trigger {quoted(name)} after {event} on {quoted(table)} {body}"
    return made


def _words(name: str, row: str = "") -> str:
    return f"search_words({row}{quoted(name)})"


def _present(database: "Database", table: str) -> dict[str, str]:
    """Return the SQL of the indexes and triggers that are there, by their names."""
    names = (*index_names(table), *(f"{table}_fts_{event}" for event in ("insert", "delete", "update")))
    marks = ", ".join("?" * len(names))
    sql = f"select name, sql from sqlite_master where name in ({marks})"
    return dict(database.execute(sql, names).fetchall())
