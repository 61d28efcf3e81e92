"""The order that the user gives to rows: a real number each. A move changes one row, or a few at a tight place."""

import math

from apps.tables import BadValue, Row
from store.tables.reading import existing
from store.tables.recorder import Recorder
from store.tables.rows import Rows

CLOSEST = 1e-6
"""Two rows nearer to each other leave no safe room between them: then those that follow are spread."""
SPREAD = 1e-3
"""How far apart they are at least afterwards."""


def move(rows: Rows, row: Row, behind: int | str, recorder: Recorder) -> None:
    """Put a row behind another one of its profile; 0: to the front."""
    if behind == row["id"]:
        raise BadValue("bad_value", f"A row cannot be moved behind itself (id {behind!r:.60}).")
    place = _behind(rows, row, existing(rows, behind), recorder) if behind else _front(rows, row)
    recorder.update(rows, row, {"position": place})


def _front(rows: Rows, row: Row) -> float:
    first = rows.following(None, scope(row), row["id"], 1)
    return float(first[0]["position"]) - 1.0 if first else 1.0


def _behind(rows: Rows, row: Row, other: Row, recorder: Recorder) -> float:
    """Return a position in the gap behind another row, after making the gap wider where that is needed."""
    if scope(other) != scope(row):
        raise BadValue("bad_value", f"A row cannot be moved behind one of another profile (id {other['id']!r:.60}).")
    low = float(other["position"])
    following = rows.following(other, scope(row), row["id"], 1)
    if following and following[0]["position"] - low <= CLOSEST:
        _spread(rows, row, other, recorder)
        following = rows.following(other, scope(row), row["id"], 1)
    return (low + following[0]["position"]) / 2 if following else low + 1.0


def _spread(rows: Rows, row: Row, other: Row, recorder: Recorder) -> None:
    """Spread the rows behind another one evenly: as many as it takes until they are far enough apart."""
    low, count, room = other["position"], 1, 0.0
    while room <= count * SPREAD:
        count *= 2
        following = rows.following(other, scope(row), row["id"], count)
        room = following[-1]["position"] - low if len(following) == count else math.inf
    step = min(room / count, 1.0)
    for number, one in enumerate(following if room == math.inf else following[:-1], start=1):
        recorder.update(rows, one, {"position": low + number * step})


def scope(row: Row) -> Row:
    """Return what the rows that are ordered together with this one have in common."""
    return {"profile": row["profile"]} if "profile" in row else {}
