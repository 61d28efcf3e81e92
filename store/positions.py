"""The order that the user gives to rows: a real number each, so that a move changes one row only."""

from apps.tables import BadValue, Row
from store.reading import existing
from store.recorder import Recorder
from store.rows import Rows

CLOSEST = 1e-6
"""Two rows nearer to each other leave no safe room between them: then all are numbered anew."""


def move(rows: Rows, row: Row, behind: int | str, recorder: Recorder) -> None:
    """Put a row behind another one of its profile; 0: to the front."""
    if behind == row["id"]:
        raise BadValue("bad_value", f"A row cannot be moved behind itself (id {behind!r:.60}).")
    place = _between(rows, row, behind)
    if place is None:
        _number_anew(rows, row, recorder)
        row = existing(rows, row["id"])
        place = _between(rows, row, behind)
    recorder.update(rows, row, {"position": place})


def _between(rows: Rows, row: Row, behind: int | str) -> float | None:
    """Return a position in the gap behind a row, None when the gap is too small."""
    low = existing(rows, behind)["position"] if behind else None
    following = rows.following(low, _scope(row), row["id"])
    if following is None:
        return (low or 0.0) + 1.0
    if low is None:
        return following - 1.0
    return (low + following) / 2 if following - low > CLOSEST else None


def _number_anew(rows: Rows, row: Row, recorder: Recorder) -> None:
    for number, one in enumerate(list(rows.each(_scope(row), "position", -1)), start=1):
        recorder.update(rows, one, {"position": float(number)})


def _scope(row: Row) -> Row:
    return {"profile": row["profile"]} if "profile" in row else {}
