"""Change the columns of a declared table without losing a value.

The column of a field that was removed, or got another type, is kept under another name: `due$text$17` holds what `due`
was as a text until change 17. Fields cannot be named so, and such a column stays. A field that comes back gets the
values of one: by an undo, of the one that the undone change has put aside; else of the newest. A field that gets its
former type again gets its former values, too, where nobody has changed them since. So a change of shape and its undo
lose nothing.
"""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.own.conversion import as_text, converted
from apps.tables import BadValue, Field, Table
from store.file.columns import quoted, read, stored
from store.file.shape import column
from store.file.types import COLUMNS
from store.file.upgrade import TableUpgrade
from store.tables.rows import PARKED, revision_in

if TYPE_CHECKING:
    from sqlite_utils import Database

MOST_TOLD = 3
"""Rows that a refusal names."""
LONGEST_VALUE = 40


def reshape(
    database: "Database",
    new: Table,
    old: Table | None,
    revision: int,
    undoes: int = 0,
    *,
    empties: Collection[str] = (),
) -> None:
    """Bring the columns of a table to a new declaration. `old`: the one until now; None: not known.

    `revision`: of the change of the declaration. `undoes`: the revision that it takes back; 0 for none. `empties`: the
    fields in which a value is none if it does not fit a new type. Else raises `BadValue` with the rows; then the
    transaction must be rolled back.
    """
    found = database.table(new.name)
    if not found.exists():
        return
    columns = {one.name: one.type.lower() for one in found.columns}
    changes = Changes(database, new, revision, undoes)
    declared = old.all_fields if old else {}
    for one in declared.values():
        if one.name not in new.all_fields and one.name in columns:
            changes.park(one)
    for one in new.all_fields.values():
        before = declared.get(one.name) if old else _as_found(one, columns)
        if before is not None and before.type != one.type:
            changes.retype(before, one, empties=one.name in empties)
        elif one.name not in changes.names and (kept := changes.parked(one)):
            changes.bring_back(kept[0], one)


def _as_found(one: Field, columns: dict[str, str]) -> Field | None:
    """Return what a column of an unknown declaration can have been: the same type, if SQLite keeps it alike."""
    sql = columns.get(one.name)
    if sql is None or sql == COLUMNS[one.type].sql:
        return one if sql else None
    alike: Any = sql if sql in ("text", "integer", "real") else "text"
    return Field(one.name, alike)


@dataclass(frozen=True, slots=True)
class Held:
    """What a row holds in a field whose type changes."""

    id: int
    title: str
    value: Any
    former: tuple[Any, ...]
    """What it held when the field had the new type, the newest first."""


class Changes:
    """Changes the columns of one table."""

    def __init__(self, database: "Database", table: Table, revision: int, undoes: int) -> None:
        """`table`: as it is to be. `revision`, `undoes`: as in `reshape`."""
        self._database = database
        self._revision, self._undoes = revision, undoes
        self._table = table
        self._upgrade = TableUpgrade(database)
        self.names = set(database.table(table.name).columns_dict)

    def parked(self, one: Field) -> list[str]:
        """Return the columns that keep what a field held when it had this type.

        First the one that the undone change has put aside; then the newest.
        """
        first = f"{one.name}{PARKED}{one.type}"
        found = [name for name in self.names if name == first or name.startswith(f"{first}{PARKED}")]
        return sorted(found, key=lambda name: (revision_in(name) == self._undoes, revision_in(name)), reverse=True)

    def park(self, one: Field) -> None:
        """Keep the column of a field under a name of its own."""
        self.rename(one.name, f"{one.name}{PARKED}{one.type}{PARKED}{self._revision}")

    def bring_back(self, kept: str, one: Field) -> None:
        """Give a field that is declared again the values that a column has kept."""
        self._add(one)
        table, name, old = quoted(self._table.name), quoted(one.name), quoted(kept)
        self._database.execute(f"update {table} set {name} = {old} where {old} is not null")

    def _add(self, one: Field) -> None:
        self._database.execute(f"alter table {quoted(self._table.name)} add column {column(one)}")
        self.names.add(one.name)

    def rename(self, column_name: str, to: str) -> None:
        """Give a column another name. The text indexes are made again by `store.file.shape`."""
        self._upgrade.drop_indexes(self._table.name)
        name = quoted(self._table.name)
        self._database.execute(f"alter table {name} rename column {quoted(column_name)} to {quoted(to)}")
        self.names = self.names - {column_name} | {to}

    def retype(self, old: Field, new: Field, *, empties: bool = False) -> None:
        """Convert the values of a field; the old ones stay, parked. `empties`: what does not fit is none."""
        kept = self.parked(new)
        rows = self._rows(old, new, kept)
        made = self._converted(rows, old, new, empties=empties)
        self.park(old)
        self._add(new)
        sql = f"update {quoted(self._table.name)} set {quoted(new.name)} = ? where id = ?"
        connection: sqlite3.Connection = self._database.conn
        connection.executemany(sql, [(stored(new, value), key) for key, value in made.items()])

    def _rows(self, old: Field, new: Field, kept: list[str]) -> list[Held]:
        title = next((one.name for one in self._titles() if one.name in self.names), "id")
        names = ", ".join(map(quoted, ("id", title, old.name, *kept)))
        found = self._database.execute(f"select {names} from {quoted(self._table.name)}")
        return [
            Held(key, str(name), read(old, value), tuple(read(new, one) for one in former))
            for key, name, value, *former in found
        ]

    def _titles(self) -> list[Field]:
        texts = [one for one in self._table.fields if one.kind.is_text]
        return sorted(texts, key=lambda one: not one.required)

    def _converted(self, rows: list[Held], old: Field, new: Field, *, empties: bool) -> dict[int, Any]:
        made: dict[int, Any] = {}
        unfit: list[str] = []
        for one in rows:
            try:
                made[one.id] = _value(one, old, new)
            except BadValue:
                made[one.id] = new.empty
                if self._undoes and one.former:  # what the undone change has put aside
                    made[one.id] = one.former[0]
                    continue
                text = as_text(one.value, old)
                unfit.append(f"“{one.title}” ({text[:LONGEST_VALUE]}{'…' if len(text) > LONGEST_VALUE else ''})")
        if unfit and not empties:
            more = f" and {len(unfit) - MOST_TOLD:,} more" if len(unfit) > MOST_TOLD else ""
            raise BadValue(
                "unfit",
                f"`{new.name}` of `{self._table.name}` cannot become {new.type}: the values of "
                f"{', '.join(unfit[:MOST_TOLD])}{more} do not fit. Correct them first, or add a new field.",
            )
        return made


def _value(one: Held, old: Field, new: Field) -> Any:
    """Return what a field holds after its type has changed: what it held before, or its value as the new type."""
    for former in one.former:
        if _still(former, one.value, old, new):
            return former
    return converted(one.value, old, new)


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are the same in JSON: 1 is not true."""
    return repr(one) == repr(other)


def _still(former: Any, value: Any, old: Field, new: Field) -> bool:
    """Return whether a value is what the conversion has made of the former one: nobody has changed it since.

    Of one that did not fit it has made none.
    """
    try:
        return _same(converted(former, new, old), value)
    except BadValue:
        return _same(value, old.empty)
