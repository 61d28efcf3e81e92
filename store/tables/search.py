"""Full-text search in the searched fields of tables (FTS5; sqlite-utils creates the index and its triggers)."""

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
"""If more rows of a table match, only the newest are ranked: fast enough to search while the user types."""
CUT_CHARACTERS = 1_000
"""A longer text of a hit is cut to this."""

Hit = tuple[float, Rows, int]
"""Score (lower is better), table, id of the row."""


def words_of(text: str) -> list[str]:
    """Return the words to search for. A word needs at least one letter or digit."""
    words = text[:LONGEST_QUERY].replace("\x00", " ").split()
    return [word for word in words if any(map(str.isalnum, word))][:MOST_WORDS]


def match_expression(words: Iterable[str]) -> str:
    """Return an FTS5 expression for rows that contain all words; each may be only the beginning of a longer word.

    Each word is quoted, so that operators and punctuation of the user are not read as syntax.
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
    # `profile` limits only tables with profiles: a search of all tables also finds messages, which have none
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
