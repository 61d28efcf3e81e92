"""A schedule that is written: when it is due next is counted in the same order."""

from datetime import UTC, datetime

from apps.core import SCHEDULE
from apps.due.schedules import COUNTED_FROM, planned
from apps.tables import Row, Table


def scheduled(table: Table, row: Row, written: Row) -> Row:
    """Return when the row of a schedule is due, as further values; {} for other rows, or if that stays as it is.

    `row`: as it will be. `written`: what the order says. Who gives `next` has counted it.
    """
    if table is not SCHEDULE or "next" in written or not written.keys() & set(COUNTED_FROM):
        return {}
    return planned(row, datetime.now(UTC))
