"""The user's order of rows: each row has a number as its position. A move changes one row, rarely a few more."""

import math

from apps.tables import BadValue, Row
from store.tables.reading import existing
from store.tables.recorder import Recorder
from store.tables.rows import Rows

CLOSEST = 1e-6
"""When two positions are closer than this, no number fits safely between them: the next rows are moved apart."""
SPREAD = 1e-3
"""Least distance of these rows afterwards."""


def move(rows: Rows, row: Row, after: int | str, recorder: Recorder) -> None:
    """Move a row behind another one of its profile; 0: to the front. Its parts move with it."""
    if after == row["id"]:
        raise BadValue("bad_value", f"A row cannot be moved behind itself (id {after!r:.60}).")
    parts = parts_of(rows, row)
    target = _beside_family(rows, row, existing(rows, after)) if after else None
    position = behind(rows, row, target, recorder) if target else _front(rows, row)
    recorder.update(rows, row, {"position": position})
    last = {**row, "position": position}
    for part in parts:
        place = behind(rows, part, last, recorder)
        recorder.update(rows, part, {"position": place})
        last = {**part, "position": place}


def _beside_family(rows: Rows, row: Row, other: Row) -> Row | None:
    """Return the row to stand behind so that no row comes between another one and its parts; None for the front.

    A row that moves up over a family goes above it, one that moves down behind it.
    """
    nested = rows.table.nested
    if not nested:
        return other
    key = (other[nested] or [other["id"]])[0]
    top = rows.get(key) or other
    family = [top, *parts_of(rows, top)]
    if len(family) == 1 or top["id"] == row["id"] or row[nested] == [top["id"]]:
        return other
    if row["position"] < top["position"] or row["position"] < other["position"]:
        return max(family, key=lambda one: float(one["position"]))
    if other["id"] == family[-1]["id"]:
        return other
    above = rows.each({"position": {"to": top["position"]}, **scope(row)}, "-position", len(family) + 2)
    return next((one for one in above if one["id"] not in (row["id"], *(each["id"] for each in family))), None)


def parts_of(rows: Rows, row: Row) -> list[Row]:
    """Return the rows that stand under a row, in their order."""
    nested = rows.table.nested
    if not nested or "id" not in row:
        return []
    found = rows.each({nested: row["id"]}, "id", -1)  # in the order of positions it would look at all rows
    return sorted((one for one in found if scope(one) == scope(row)), key=lambda one: float(one["position"]))


def in_families(rows: list[Row], nested: str) -> list[Row]:
    """Return rows so that the parts of each row follow it."""
    if not nested:
        return rows
    known = {row["id"] for row in rows}
    parts: dict[int | str, list[Row]] = {}
    for row in rows:
        if row[nested] and row[nested][0] in known:
            parts.setdefault(row[nested][0], []).append(row)
    alone = [row for row in rows if not (row[nested] and row[nested][0] in known)]
    return [one for row in alone for one in (row, *parts.get(row["id"], ()))]


def _front(rows: Rows, row: Row) -> float:
    first = rows.following(None, scope(row), row["id"], 1)
    return float(first[0]["position"]) - 1.0 if first else 1.0


def behind(rows: Rows, row: Row, other: Row, recorder: Recorder) -> float:
    """Return a position right behind another row. If there is no room, move the next rows apart first."""
    if scope(other) != scope(row):
        raise BadValue("bad_value", f"A row cannot be moved behind one of another profile (id {other['id']!r:.60}).")
    low = float(other["position"])
    following = rows.following(other, scope(row), row["id"], 1)
    if following and following[0]["position"] - low <= CLOSEST:
        _spread(rows, row, other, recorder)
        following = rows.following(other, scope(row), row["id"], 1)
    return (low + following[0]["position"]) / 2 if following else low + 1.0


def _spread(rows: Rows, row: Row, other: Row, recorder: Recorder) -> None:
    """Space the rows behind another one evenly: as many rows as needed for enough distance."""
    low, count, room = other["position"], 1, 0.0
    while room <= count * SPREAD:
        count *= 2
        following = rows.following(other, scope(row), row["id"], count)
        room = following[-1]["position"] - low if len(following) == count else math.inf
    step = min(room / count, 1.0)
    for number, one in enumerate(following if room == math.inf else following[:-1], start=1):
        recorder.update(rows, one, {"position": low + number * step})


def scope(row: Row) -> Row:
    """Return the `where` of the rows that are ordered together with this one: those of its profile, or all."""
    return {"profile": row["profile"]} if "profile" in row else {}


def place_of_new(rows: Rows, values: Row, recorder: Recorder) -> float:
    """Return the position of a new row: the last, or behind the parts of the row under which it stands."""
    nested = rows.table.nested
    parent = rows.get(values[nested][0]) if nested and values[nested] else None
    if parent is None:
        return rows.last_position(scope(values)) + 1.0
    behind_parent = [one for one in parts_of(rows, parent) if one["position"] >= parent["position"]]
    last = max([parent, *behind_parent], key=lambda one: float(one["position"]))
    return behind(rows, {**values, "id": 0}, last, recorder)
