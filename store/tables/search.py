"""Full-text search over the searched fields of tables (FTS5; sqlite-utils made the index and its triggers)."""

import sqlite3
from collections.abc import Iterable, Iterator
from heapq import nsmallest

from apps.tables import Row
from store.file.columns import quoted
from store.tables.conditions import condition
from store.tables.excerpt import excerpt
from store.tables.rows import Rows

LONGEST_QUERY = 500
MOST_WORDS = 12
MOST_RANKED = 10_000
"""Of more rows of a table that match, the newest are compared: enough for the best, and soon enough to type along."""
CUT_CHARACTERS = 1_000
"""What a hit shows of a text."""

Hit = tuple[float, Rows, int]
"""Score (the lower, the better), table, id of the row."""


def words_of(text: str) -> list[str]:
    """Return the words that are looked for; signs alone are none."""
    words = text[:LONGEST_QUERY].replace("\x00", " ").split()
    return [word for word in words if any(map(str.isalnum, word))][:MOST_WORDS]


def match_expression(words: Iterable[str]) -> str:
    """Return an FTS5 expression that finds rows with all words, each also as the beginning of a word.

    Each word is quoted, so that no operator or punctuation of the user's is taken for syntax.
    """
    return " ".join('"{}"*'.format(word.replace('"', '""')) for word in words)


def search(connection: sqlite3.Connection, tables: Iterable[Rows], text: str, where: Row, limit: int) -> Iterator[Row]:
    """Return the best hits of all tables, best first: rows with `_table` and `_snippet`, long texts cut."""
    words = words_of(text)
    if not words:
        return
    searched = [rows for rows in tables if rows.table.searched]
    hits = [hit for rows in searched for hit in _hits(connection, rows, match_expression(words), where, limit)]
    for _, rows, key in nsmallest(limit, hits, key=lambda hit: hit[0]):
        if row := rows.get(key):
            table = rows.table
            snippet = excerpt((row[name] for name in table.searched), words)
            yield {**_shown(row), "_table": table.name, "_snippet": snippet}


def _hits(connection: sqlite3.Connection, rows: Rows, expression: str, where: Row, limit: int) -> list[Hit]:
    table, index = quoted(rows.table.name), quoted(f"{rows.table.name}_fts")
    # bound to the profile only where there are profiles: a search over all tables finds messages in any
    kept = {name: wanted for name, wanted in where.items() if name != "profile" or rows.table.scoped}
    matching, parameters = condition(rows.table, kept)
    found = connection.execute(
        f"select score, id from (select bm25({index}) as score, kept.id as id from {index}"
        f" cross join (select id from {table}{matching}) as kept on kept.id = {index}.rowid"
        f" where {index} match ? order by {index}.rowid desc limit ?) order by score limit ?",
        [*parameters, expression, MOST_RANKED, limit],
    )
    return [(score, rows, key) for score, key in found]


def _shown(row: Row) -> Row:
    return {name: _cut(value) if type(value) is str else value for name, value in row.items()}


def _cut(text: str) -> str:
    return text if len(text) <= CUT_CHARACTERS else f"{text[:CUT_CHARACTERS]}…"
