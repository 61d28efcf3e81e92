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


def move(rows: Rows, row: Row, behind: int | str, recorder: Recorder) -> None:
    """Move a row behind another one of its profile; 0: to the front."""
    if behind == row["id"]:
        raise BadValue("bad_value", f"A row cannot be moved behind itself (id {behind!r:.60}).")
    position = _behind(rows, row, existing(rows, behind), recorder) if behind else _front(rows, row)
    recorder.update(rows, row, {"position": position})


def _front(rows: Rows, row: Row) -> float:
    first = rows.following(None, scope(row), row["id"], 1)
    return float(first[0]["position"]) - 1.0 if first else 1.0


def _behind(rows: Rows, row: Row, other: Row, recorder: Recorder) -> float:
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
