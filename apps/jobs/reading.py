"""Read what the page of jobs shows: the jobs that match its filter, and how many each filter finds."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.core import JOB_STATES
from apps.tables import Row
from apps.views import AppView
from bus.messages import StoreOrder

MOST_JOBS = 1_000


@dataclass(frozen=True, slots=True)
class Filter:
    """The user's filter; "" and 0: no limit."""

    state: str = ""
    app: str = ""
    job: int = 0
    """Id of the only job that is shown."""

    @classmethod
    def of(cls, view: AppView) -> "Filter":
        """Read the filter from the query of the page's address, without bad values."""
        state, app, job = (view.query.get(name, "") for name in ("state", "app", "job"))
        number = int(job) if job.isascii() and job.isdecimal() and len(job) < 16 else 0
        return cls(state if state in JOB_STATES else "", app if app in view.jobs else "", number)

    @property
    def where(self) -> Row:
        """The filter as a `where` map of the table `job`."""
        found = {"state": self.state, "app": self.app, "id": self.job}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs, the newest first. `total`: how many match; `counts`: how many each filter finds."""

    filter: Filter
    rows: tuple[Row, ...]
    total: int
    counts: Mapping[Filter, int]


async def read_jobs(view: AppView) -> Jobs:
    """Return what the page shows, in the profile in view."""
    chosen, scope = Filter.of(view), {"profile": view.profile}
    limit = min(view.limit, MOST_JOBS)
    order = StoreOrder(
        verb="list", table="job", where=scope | chosen.where, sort="-id", limit=limit, offset=view.offset
    )
    answer = await view.ask(order)
    counts = {one: await count(view, scope | one.where) for one in filters(view)}
    return Jobs(chosen, tuple(answer.rows), answer.total, counts)


def filters(view: AppView) -> list[Filter]:
    """Return the filters that the page offers: all jobs, those in each state, and those of each app."""
    states = [Filter(state=state) for state in JOB_STATES]
    apps = [Filter(app=app) for app in view.jobs] if len(view.jobs) > 1 else []
    return [Filter(), *states, *apps]


async def count(view: AppView, where: Row) -> int:
    """Return how many jobs match."""
    return (await view.ask(StoreOrder(verb="list", table="job", where=where, limit=1))).total
