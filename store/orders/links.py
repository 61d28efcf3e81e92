"""Links to other rows: an order may only make one that leads to a row, and none that leads back in a circle."""

from apps.tables import BadValue, Field, Row
from apps.types.link import Key
from store.tables.rows import Rows


def refuse_bad_links(rows: Rows, values: Row, row: Row) -> None:
    """Raise `BadValue` for a new link that leads nowhere or in a circle. `row`: as it is now; without id if it is new.

    Links that the row had before stay: their rows may have been deleted since, which the page says.
    """
    for one in rows.table.links:
        keys = values.get(one.name) or []
        new = [key for key in keys if key not in (row.get(one.name) or [])]
        if new:
            _refuse_missing(rows, one, new, {**row, **values})
        if keys and one.to == rows.table.name and "id" in row:
            _refuse_circle(rows, one, row["id"], keys)
        if new and one.name == rows.table.nested:
            _refuse_second_level(rows, one, row, new[0])


def _refuse_missing(rows: Rows, one: Field, keys: list[Key], row: Row) -> None:
    target = rows.tables.get(one.to)
    if target is None:
        raise BadValue("unknown_table", f"`{one.name}` leads to the table `{one.to}`, which is not there (any more).")
    # a link must not show a row of another profile
    scope = {"profile": row["profile"]} if target.scoped and "profile" in row else {}
    found = {linked["id"] for linked in Rows(rows.connection, target).each({"id": keys, **scope}, "id", len(keys))}
    if missing := [key for key in keys if key not in found]:
        sentence = f"`{one.name}` leads to {target.name} {missing[0]!r:.60}, which is not there (any more)."
        raise BadValue("not_found", f"{sentence} Choose a row that is there.")


def _refuse_circle(rows: Rows, one: Field, key: Key, keys: list[Key]) -> None:
    """Refuse a row that leads to itself; for a link to one row, also on a way over others."""
    way, passed = keys[0] if not one.several else key if key in keys else None, [key]
    while way is not None and way != key and way not in passed:
        passed.append(way)
        way = next(iter((rows.get(way) or {}).get(one.name) or ()), None)
    if way == key:
        shown = " → ".join(str(step) for step in (*passed, key))
        raise BadValue("bad_value", f"`{one.name}` would lead in a circle: {shown}. Choose another row.")


def _refuse_second_level(rows: Rows, one: Field, row: Row, key: Key) -> None:
    """Refuse parts of parts: a row that stands under another one has none of its own."""
    above = rows.get(key) or {}
    has_parts = "id" in row and rows.count({one.name: row["id"]}) > 0
    if above.get(one.name) or has_parts:
        which = f"{rows.table.name} {row['id'] if has_parts else key}"
        stands = "has rows under it" if has_parts else "stands under another row"
        raise BadValue("bad_value", f"`{one.called}` would make parts of parts: {which} {stands}. Choose another row.")
