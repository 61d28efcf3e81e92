"""What the tables keep of a row beside the row itself: its history, copies in messages, prompts, imports, errors.

Deleting for good removes all of it. Two rules are used. What names a row is found by its id or its revisions. What may
hold any words, such as prompts, is removed as a whole if it is newer than the row: no search could find words that were
cut, escaped or written differently.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable
from typing import Any

from apps.tables import Row
from store.file.types import written
from store.tables.history import RowRef

TOLD_IN_DETAIL = ("block", "results", "feedback", "happened")
"""What a message's `detail` keeps of what the model was told in its turn: rows, events, results of reading."""
NO_REASON = "The store refused this order. The reason is not kept, because something was deleted for good since."


class Traces:
    """Finds and removes traces of rows, inside the open transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """`connection`: to the file with all tables of the core."""
        self._connection = connection

    # --- find ---

    def revisions(self, ref: RowRef) -> list[int]:
        """Return the revisions of all changes of a row that the history keeps."""
        return [revision for revision, *_ in self._changes(ref)]

    def versions(self, ref: RowRef) -> list[Row]:
        """Return what the history holds of a row: the values before and after each change."""
        return [values for _, *found in self._changes(ref) for values in found]

    def since(self, refs: Iterable[RowRef]) -> float:
        """Return when the first of the rows was made (Unix seconds); 0 when the history does not go back so far."""
        firsts = []
        for table, key in refs:
            sql = "select at, verb from change where subject = ? and row = ? order by revision limit 1"
            found = self._connection.execute(sql, [table, written(key)]).fetchone()
            firsts.append(found[0] if found and found[1] == "insert" else 0.0)
        return min(firsts, default=0.0)

    def once_in(self, table: str, field: str, values: Collection[int | str]) -> list[int]:
        """Return the ids of rows that had one of the values in a field when they were inserted or deleted."""
        found: set[int] = set()
        for value in values:
            sql = (
                "select row from change where subject = ?1 and verb in ('insert', 'delete')"
                f" and coalesce(json_extract(after, '$.{field}'), json_extract(before, '$.{field}')) = ?2"
            )
            found |= {int(row) for (row,) in self._connection.execute(sql, [table, value])}
        return sorted(found)

    def deleted_in_profile(self, table: str, profile: int) -> list[int]:
        """Return the ids of rows that were in a profile when they were deleted."""
        sql = (
            "select distinct row from change where subject = ? and verb = 'delete'"
            " and json_extract(before, '$.profile') = ?"
        )
        return [int(row) for (row,) in self._connection.execute(sql, [table, profile])]

    def made_by(self, orders: Collection[str]) -> list[int]:
        """Return the ids of the messages that orders inserted."""
        sql = "select row from change where asked = ? and subject = 'message' and verb = 'insert'"
        return [int(row) for order in orders for (row,) in self._connection.execute(sql, [order])]

    def remarks_in_talks(self) -> list[tuple[int, int]]:
        """Return pairs of ids: of a message that took a remark into a talk, and of the remark."""
        return self._named_in_detail("remark")

    def messages_that_waited(self) -> list[tuple[int, int]]:
        """Return pairs of ids: of a message that waited for its turn, and of the row in which it did."""
        return self._named_in_detail("waited")

    def _named_in_detail(self, key: str) -> list[tuple[int, int]]:
        """Return pairs of ids: of a message, and of the row that its `detail` names since it was inserted."""
        sql = (
            f"select cast(row as integer), json_extract(after, '$.detail.{key}') from change"
            f" where subject = 'message' and verb = 'insert' and json_extract(after, '$.detail.{key}') > 0"
        )
        return self._connection.execute(sql).fetchall()

    def messages_changed_since(self, moment: float) -> list[int]:
        """Return the ids of messages that were inserted or changed since then."""
        sql = "select distinct cast(row as integer) from change where subject = 'message' and at >= ?"
        return [key for (key,) in self._connection.execute(sql, [moment])]

    def _changes(self, ref: RowRef) -> list[tuple[int, Row, Row]]:
        sql = "select revision, before, after from change where subject = ? and row = ?"
        found = self._connection.execute(sql, [ref[0], written(ref[1])])
        return [(revision, _read(before), _read(after)) for revision, before, after in found]

    # --- remove ---

    def empty_history(self, ref: RowRef) -> None:
        """Leave of each change of a row only that it happened."""
        sql = "update change set before = '{}', after = '{}' where subject = ? and row = ?"
        self._connection.execute(sql, [ref[0], written(ref[1])])

    def rewrite_history(self, ref: RowRef, rewrite: Callable[[Row], Row]) -> None:
        """Change the values before and after each change of a row."""
        for revision, before, after in self._changes(ref):
            values = [written(rewrite(before)), written(rewrite(after)), revision]
            self._connection.execute("update change set before = ?, after = ? where revision = ?", values)

    def forget_prompts(self, moment: float) -> None:
        """Delete what the model was told since then, also where messages and their history repeat it."""
        self._connection.execute("delete from told where created >= ?", [moment])
        self._connection.execute(
            "delete from layer where id not in (select json_extract(part.value, '$.layer')"
            " from told, json_each(told.parts) as part)"
        )
        keys = ", ".join(f"'$.{name}'" for name in TOLD_IN_DETAIL)
        in_history = ", ".join(f"'$.detail.{name}'" for name in TOLD_IN_DETAIL)
        self._connection.execute(
            f"update message set detail = json_remove(detail, {keys}) where json_remove(detail, {keys}) <> detail"
            " and id in (select cast(row as integer) from change where subject = 'message' and at >= ?)",
            [moment],
        )
        self._connection.execute(
            f"update change set before = json_remove(before, {in_history}), after = json_remove(after, {in_history})"
            " where subject = 'message' and at >= ? and (instr(before, 'detail') or instr(after, 'detail'))",
            [moment],
        )

    def forget_samples(self, table: str) -> None:
        """Delete the sample rows and bad values that imports into a table keep. One that is still to run needs them."""
        samples = "'$.{0}sample', json('[]'), '$.{0}problems', json('[]')"
        self._connection.execute(
            f"update \"import\" set detail = json_replace(detail, {samples.format('')}), problem = ''"
            " where subject = ? and state not in ('checked', 'running')",
            [table],
        )
        inside = samples.format("detail.") + ", '$.problem', ''"
        self._connection.execute(
            f"update change set before = json_replace(before, {inside}), after = json_replace(after, {inside})"
            " where subject = 'import'"
        )

    def forget_errors(self) -> None:
        """Delete the sentences with which orders were refused: they repeat values."""
        sql = "update answered set error = json_set(error, '$.message', ?) where error <> ''"
        self._connection.execute(sql, [NO_REASON])

    def owe(self, revision: int, now: float) -> None:
        """Remember that the files are to be cleaned after a change."""
        self._connection.execute("insert into erasing values (?, ?)", [revision, now])


def _read(text: str) -> Row:
    values: Any = json.loads(text)
    return values if isinstance(values, dict) else {}
