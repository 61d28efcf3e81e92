"""Full-text search over the searched fields of tables (FTS5; sqlite-utils made the index and its triggers)."""

import sqlite3

from apps.tables import Row, Table
from store.columns import quoted
from store.rows import Rows

LONGEST_QUERY = 500


def match_expression(text: str) -> str:
    """Return an FTS5 expression that finds all words of the text, the last ones also as beginnings; "" for none.

    Each word is quoted, so that no operator or punctuation of the user's is taken for syntax.
    """
    words = [word.replace('"', '""') for word in text[:LONGEST_QUERY].replace("\x00", " ").split()]
    return " ".join(f'"{word}"*' for word in words)


def search(connection: sqlite3.Connection, table: Table, text: str, limit: int) -> list[Row]:
    """Return the rows of one table that match, best first, each with `_table`."""
    expression = match_expression(text)
    if not expression or not table.searched:
        return []
    index = quoted(f"{table.name}_fts")
    found = connection.execute(
        f"select rowid from {index} where {index} match ? order by rank limit ?",
        [expression, limit],
    ).fetchall()
    rows = Rows(connection, table)
    return [{**row, "_table": table.name} for (key,) in found if (row := rows.get(key))]
