"""Carry out a schedule that is due. What it does and its next time are one order to the store: both happen, or none.

The id of the order is made of the schedule and its moment, and the order asks that this is still the moment. So each
one is carried out once, whoever is killed meanwhile, and also after an undo that brings an earlier moment back.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from apps.core import SCHEDULE
from apps.due.schedules import advanced
from apps.sentences import shortened
from apps.tables import BadValue, Row
from apps.types.unix_time import date_and_time
from bus.bus import Bus, new_id
from bus.errors import BadMessage, Refused
from bus.messages import StoreOrder, TimeDue
from bus.store_client import StoreClient
from services.jobs.schedules.actions import doing

LATE_SECONDS = 60.0
"""A schedule that is carried out later than this was missed."""
MOST_REMEMBERED = 1_000
"""Moments that are remembered. What is forgotten is asked of the store again, which knows it."""
LONGEST_OUTCOME = 500
GONE = ("conflict", "not_found")
"""Codes of the store: the schedule was changed or deleted meanwhile."""

Clock = Callable[[], float]
"""Returns Unix seconds."""
Place = tuple[int, float]
"""A schedule, and the moment for which it is carried out."""


class Carrier:
    """Carries out schedules."""

    def __init__(self, bus: Bus, store: StoreClient, clock: Clock = time.time) -> None:
        """`store`: the patient way to the store."""
        self._clock = clock
        self._bus = bus
        self._store = store
        self._tried: set[Place] = set()
        """What was carried out lately: if it is due again, an undo has brought its moment back."""

    async def carry_out(self, row: Row) -> None:
        """Do what a schedule says, or skip it if it was missed and says so; set its next time."""
        place, now = (row["id"], row["next"]), self._clock()
        try:
            coming = advanced(row, datetime.fromtimestamp(now, UTC))
        except BadValue as problem:  # its zone is not known here any more
            await self._advance(row, {"next": None, "state": "off"}, f"Switched off: {problem}", new_id())
            return
        if place in self._tried:
            await self._advance(row, coming, row["outcome"], new_id())
        elif row["missed"] == "skip" and now - row["next"] > LATE_SECONDS:
            await self._advance(row, coming, f"Skipped: it was missed at {date_and_time(row['next'])}.", order_id(row))
        else:
            await self._do(row, coming)
        if len(self._tried) >= MOST_REMEMBERED:
            self._tried.clear()
        self._tried.add(place)

    async def _do(self, row: Row, coming: Row) -> None:
        order, cause = order_id(row), await self._cause(row)
        due = TimeDue(schedule=row["id"], title=row["title"], due=row["next"], what=row["kind"], order=order)
        self._bus.say(due, row["id"], cause=cause, id=f"{order}-due")
        try:
            done = await doing(row, self._store)
            orders = [changing(row, coming, done.outcome), *done.orders]
            batch = StoreOrder(verb="batch", table=SCHEDULE.name, values={"orders": orders}, actor="app")
            await self._store.ask(batch, cause=cause, id=order)
        except (Refused, BadMessage) as problem:
            if isinstance(problem, Refused) and problem.code in GONE and problem.index == 0:
                return
            await self._advance(row, coming, f"Not done: {problem}", f"{order}-refused")

    async def _advance(self, row: Row, coming: Row, outcome: str, id: str) -> None:  # noqa: A002 (the header's)
        """Set the next time of a schedule, if it was not changed meanwhile."""
        order = changing(row, coming, outcome)
        update = StoreOrder(**{name: value for name, value in order.items() if name != "verb"}, verb="update")
        try:
            await self._store.ask(update, cause=await self._cause(row), id=id)
        except Refused as refused:
            if refused.code not in GONE:
                raise

    async def _cause(self, row: Row) -> str:
        """Return the id of the order by which the user wrote the schedule last; "" if that is not kept any more."""
        where = {"subject": SCHEDULE.name, "row": [row["id"]], "actor": ["user", "model"]}
        changes = await self._store.list("change", where, sort="-id", limit=1)
        return str(changes[0]["asked"]) if changes else ""


def order_id(row: Row) -> str:
    """Return the id of the order that carries out a schedule at its moment: always the same one."""
    return f"schedule-{row['id']}-{int(row['next'])}"


def changing(row: Row, coming: Row, outcome: str) -> Row:
    """Return the order that sets the next time of a schedule, if its moment still is the same."""
    values = {**coming, "last": row["next"], "outcome": shortened(outcome, LONGEST_OUTCOME)}
    where = {"next": row["next"], "state": row["state"]}
    return {"verb": "update", "table": SCHEDULE.name, "id": row["id"], "values": values, "where": where}
