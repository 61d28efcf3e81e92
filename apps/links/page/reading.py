"""Read what the page shows: the list of graphs and the jobs, or one graph and what was found in it."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.core import JOB_ACTIVE
from apps.links.graph.artefacts import FINDINGS
from apps.links.store import IMPORT_BOTIFY
from apps.tables import Row
from apps.views import AppView
from apps.work.made_files import FOLDER
from bus.messages import StoreAnswer, StoreOrder

JOBS_SHOWN = 20
"""Jobs that have work to do, the newest."""
ENDED_SHOWN = 5
"""Jobs that made no graph, the newest."""
COUNTS_READ = 20
"""Jobs of Botify, the newest, among which open counts are looked for."""
GRAPHS_SHOWN = 200
LARGEST = 5_000_000
"""Bytes of findings that are read: far more than they can have."""


@dataclass(frozen=True, slots=True)
class OpenCount:
    """A job that has counted the links of an export of Botify which was not made."""

    row: Row
    tried: int = 0
    """The newest job that was to export them and did not; 0 for none."""

    @property
    def once(self) -> str:
        """The name of the export that may be started now: the same in all tabs, another one after a failed export."""
        return f"export-{self.row['id']}-{self.tried}"


@dataclass(frozen=True, slots=True)
class Graphs:
    """The list: graphs and jobs, the newest first."""

    rows: tuple[Row, ...] = ()
    jobs: tuple[Row, ...] = ()
    """Those that have work to do."""
    ended: tuple[Row, ...] = ()
    """Those that failed or were cancelled."""
    ended_total: int = 0
    total: int = 0
    counts: tuple[OpenCount, ...] = ()
    """Counts of links at Botify that were not exported, the newest first."""


@dataclass(frozen=True, slots=True)
class OneGraph:
    """One graph. `row` is None if there is none with the id of the address."""

    row: Row | None = None
    found: Mapping[str, Any] = field(default_factory=dict)
    """Empty if its files are gone."""


async def read_page(view: AppView) -> Graphs | OneGraph:
    """Read what the address asks for."""
    return await one_graph(view, view.query["graph"]) if "graph" in view.query else await graphs(view)


async def graphs(view: AppView) -> Graphs:
    """Read the list of the profile in view."""
    limit = max(view.limit, 1)
    order = StoreOrder(
        verb="list", table="graph", where={"profile": view.profile}, sort="-id", limit=limit, offset=view.offset
    )
    answer = await view.ask(order)
    jobs = await newest_jobs(view, {"state": [*JOB_ACTIVE, "paused"]}, JOBS_SHOWN)
    ended = await newest_jobs(view, {"state": ["failed", "cancelled"]}, ENDED_SHOWN)
    asked = await newest_jobs(view, {"job": IMPORT_BOTIFY.name}, COUNTS_READ)
    counts = tuple(open_counts(asked.rows))
    return Graphs(tuple(answer.rows), tuple(jobs.rows), tuple(ended.rows), ended.total, answer.total, counts)


async def newest_jobs(view: AppView, where: Row, limit: int) -> StoreAnswer:
    """Return the newest jobs of the app in the profile in view."""
    where = {"app": view.app, "profile": view.profile, **where}
    return await view.ask(StoreOrder(verb="list", table="job", where=where, sort="-id", limit=limit))


def open_counts(rows: Sequence[Row]) -> Iterator[OpenCount]:
    """Yield the counts whose export is neither done nor under way. `rows`: jobs, the newest first."""
    settled: set[tuple[str, str, int]] = set()
    tried: dict[tuple[str, str, int], int] = {}
    for row in rows:
        given = row["arguments"]
        what = (given["user"], given["project"], given["depth"])
        if given["agreed"] or given["export"]:
            if row["state"] not in ("failed", "cancelled"):
                settled.add(what)
            tried.setdefault(what, row["id"])
        elif row["state"] == "done" and what not in settled:
            settled.add(what)
            yield OpenCount(row, tried.get(what, 0))


async def one_graph(view: AppView, key: str) -> OneGraph:
    """Read a graph and its findings."""
    if not (key.isascii() and key.isdecimal() and len(key) < 18):
        return OneGraph()
    rows = (await view.ask(StoreOrder(verb="list", table="graph", where={"id": int(key)}))).rows
    if not rows:
        return OneGraph()
    path = view.jobs_folder / str(rows[0]["job"]) / FOLDER / FINDINGS
    return OneGraph(rows[0], await asyncio.to_thread(read_findings, path))


def read_findings(path: Path) -> Mapping[str, Any]:
    """Return the findings in a file; {} if there is none that can be read."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(LARGEST))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
