"""Full-text search in the searched fields of tables, by words and by parts of words (see `store.file.text_index`)."""

import sqlite3
from collections.abc import Iterable, Iterator
from heapq import nsmallest

from apps.tables import Row, Table
from bus.text.normal import words
from store.file.columns import quoted
from store.file.text_index import index_names
from store.tables.conditions import condition
from store.tables.excerpt import excerpt
from store.tables.rows import Rows

LONGEST_QUERY = 500
MOST_WORDS = 12
MOST_RANKED = 10_000
"""If more rows of a table match, only the newest are ranked: fast enough to search while the user types."""
SHORTEST_PART = 3
"""Characters of the shortest word that is also found inside longer ones."""
WORSE = 1e6
"""What is added to the score of a row that has the words only inside longer ones."""
CUT_CHARACTERS = 1_000
"""A longer text of a hit is cut to this."""

Hit = tuple[float, Rows, int]
"""Score (lower is better), table, id of the row."""


def words_of(text: str) -> list[str]:
    """Return the words to search for. A word needs at least one letter, digit or symbol."""
    found = text[:LONGEST_QUERY].replace("\x00", " ").split()
    return [word for word in found if any(map(str.isalnum, words(word)))][:MOST_WORDS]


def match_expression(wanted: Iterable[str], *, beginnings: bool) -> str:
    """Return an FTS5 expression for rows that contain all words; with `beginnings`, each may begin a longer word.

    Each word is quoted, so that operators and punctuation of the user are not read as syntax.
    """
    mark = "*" if beginnings else ""
    return " ".join('"{}"{}'.format(words(word).strip().replace('"', '""'), mark) for word in wanted)


def search(connection: sqlite3.Connection, tables: Iterable[Rows], text: str, where: Row, limit: int) -> Iterator[Row]:
    """Return the best hits of all tables, best first: rows with `_table` and `_snippet`, long texts cut.

    Rows that have the words only inside longer words come last.
    """
    wanted = words_of(text)
    if not wanted:
        return
    searched = [rows for rows in tables if rows.table.searched]
    hits = [hit for rows in searched for hit in _hits(connection, rows, wanted, where, limit)]
    if len(hits) < limit and all(len(words(word).strip()) >= SHORTEST_PART for word in wanted):
        known = {(rows.table.name, key) for _, rows, key in hits}
        parts = [hit for rows in searched for hit in _hits(connection, rows, wanted, where, limit, parts=True)]
        hits += [hit for hit in parts if (hit[1].table.name, hit[2]) not in known]
    for _, rows, key in nsmallest(limit, hits, key=lambda hit: hit[0]):
        if row := rows.get(key):
            snippet = excerpt(_texts(row, rows.table), wanted)
            yield {**_shown(row), "_table": rows.table.name, "_snippet": snippet}


def _hits(
    connection: sqlite3.Connection, rows: Rows, wanted: list[str], where: Row, limit: int, *, parts: bool = False
) -> list[Hit]:
    """Return the best hits in the words of a table, or (`parts`) in the parts of its words, these with worse scores."""
    of_words, of_parts = map(quoted, index_names(rows.table.name))
    table, index = quoted(rows.table.name), of_parts if parts else of_words
    # `profile` limits only tables with profiles: a search of all tables also finds messages, which have none
    kept = {name: value for name, value in where.items() if name != "profile" or rows.table.scoped}
    matching, parameters = condition(rows.table, kept)
    found = connection.execute(
        f"select score, id from (select bm25({index}) as score, kept.id as id from {index}"
        f" cross join (select id from {table}{matching}) as kept on kept.id = {index}.rowid"
        f" where {index} match ? order by {index}.rowid desc limit ?) order by score limit ?",
        [*parameters, match_expression(wanted, beginnings=not parts), MOST_RANKED, limit],
    )
    return [(score + (WORSE if parts else 0.0), rows, key) for score, key in found]


def _texts(row: Row, table: Table) -> Iterator[str]:
    """Yield the values of the searched fields as texts, without those that are none."""
    return (table.all_fields[name].kind.in_words(row[name]) for name in table.searched if row[name] is not None)


def _shown(row: Row) -> Row:
    return {name: _cut(value) if type(value) is str else value for name, value in row.items()}


def _cut(text: str) -> str:
    return text if len(text) <= CUT_CHARACTERS else f"{text[:CUT_CHARACTERS]}…"
