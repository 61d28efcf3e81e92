"""No two rows with the same values in the fields that a table declares as `unique`."""

from apps.tables import BadValue, Row
from store.tables.rows import Rows


def refuse_twice(rows: Rows, row: Row, changed: Row) -> None:
    """Raise `BadValue` if another row has the same values. `row`: as it would become; `changed`: its new values."""
    for group in rows.table.unique:
        where = {name: row[name] for name in group}
        if changed.keys().isdisjoint(group) or any(value in (None, "") for value in where.values()):
            continue
        scope = {"profile": row["profile"]} if rows.table.scoped else {}
        for other in rows.each({**where, **scope}, "id", -1):
            if other["id"] != row.get("id") and all(_same(rows, name, other[name], row[name]) for name in group):
                field = next(name for name in group if name in changed)
                raise BadValue("conflict", _sentence(rows, group, row, other), field=field)


def _same(rows: Rows, name: str, one: object, other: object) -> bool:
    kind = rows.table.all_fields[name].kind
    return one == other or (kind.is_ordered and one is not None and kind.sort_key(one) == kind.sort_key(other))


def _sentence(rows: Rows, group: tuple[str, ...], row: Row, other: Row) -> str:
    fields = rows.table.all_fields
    shown = " and ".join(f"`{name}` {fields[name].kind.in_words(row[name])!r:.60}" for name in group)
    return f"`{rows.table.name}` has a row with {shown} already: id {other['id']}. Change that one."
