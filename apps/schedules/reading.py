"""Read what the page of schedules shows: those that are on, the next one first; the others; what can be run again."""

import json
from dataclasses import dataclass

from apps.core import JOB, MACRO, SCHEDULE
from apps.tables import Row, Table
from apps.views import AppView
from bus.messages import StoreOrder

MOST_SHOWN = 50
MOST_ENDED = 20
"""Schedules that are off or over, the newest."""
MOST_MACROS = 100
MOST_JOBS = 20
"""Jobs that are read to find different ones to run again, the newest."""


@dataclass(frozen=True, slots=True)
class Schedules:
    """What the page shows. `total`: how many schedules are on; `ended`: those that are off or over."""

    coming: tuple[Row, ...]
    total: int
    ended: tuple[Row, ...]
    jobs: tuple[Row, ...]
    """Jobs that a schedule can run again, each with other arguments."""
    tables: tuple[Table, ...]
    """The tables to which a schedule can add a row."""
    macros: tuple[Row, ...] = ()
    """The macros that a schedule can run."""


async def read_schedules(view: AppView) -> Schedules:
    """Return what the page shows, in the profile in view."""
    scope = {"profile": view.profile}
    limit = min(view.limit, MOST_SHOWN)
    coming = await view.ask(
        StoreOrder(
            verb="list",
            table=SCHEDULE.name,
            where={**scope, "next": {"from": 0}},
            sort="next",
            limit=limit,
            offset=view.offset,
        )
    )
    where = {**scope, "state": ["off", "over"]}
    ended = await view.ask(StoreOrder(verb="list", table=SCHEDULE.name, where=where, sort="-id", limit=MOST_ENDED))
    jobs = await view.ask(StoreOrder(verb="list", table=JOB.name, where=scope, sort="-id", limit=MOST_JOBS))
    macros = await view.ask(StoreOrder(verb="list", table=MACRO.name, where=scope, sort="name", limit=MOST_MACROS))
    return Schedules(
        tuple(coming.rows),
        coming.total,
        tuple(ended.rows),
        different(jobs.rows),
        addable(view),
        tuple(macros.rows),
    )


def different(jobs: list[Row]) -> tuple[Row, ...]:
    """Return the newest of the jobs that do the same with the same arguments."""
    found: dict[str, Row] = {}
    for row in jobs:
        found.setdefault(json.dumps([row["app"], row["job"], row["arguments"]], sort_keys=True), row)
    return tuple(found.values())


def addable(view: AppView) -> tuple[Table, ...]:
    """Return the tables of apps whose rows need no more than a title."""
    tables = (table for tables in view.tables.values() for table in tables)
    return tuple(table for table in tables if table.needs_only_a_title)
