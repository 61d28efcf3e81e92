"""The page of all jobs: filters, and each job with its progress and its buttons, the newest first."""

from urllib.parse import urlencode

from fastcore.xml import FT, A, Button, Div, Nav, P, Span

from apps.hookspecs import hook
from apps.jobs.reading import Filter, Jobs, read_jobs
from apps.views import AppView, commands
from bus.messages import StoreChanged


@hook
async def read(view: AppView) -> Jobs:
    """Read the jobs that match the filter."""
    return await read_jobs(view)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for each change of a job."""
    return fact.table == "job"


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    jobs: Jobs = view.read
    return Div(
        filter_links(view, jobs),
        Div(*(view.pieces.progress(row) for row in jobs.rows), id="job-list", cls="jobs"),
        P(nothing(jobs.filter), cls="empty") if not jobs.rows else None,
        older(view, jobs),
        cls="jobs-page",
    )


def filter_links(view: AppView, jobs: Jobs) -> FT:
    """Return a link for each filter, with the number of jobs it finds."""
    shown = [one for one, number in jobs.counts.items() if number or one in (Filter(), jobs.filter)]
    return Nav(*(link(view, one, jobs) for one in shown), id="job-filters", cls="filters", aria_label="Filter the jobs")


def link(view: AppView, one: Filter, jobs: Jobs) -> FT:
    """Return the link to a filter."""
    query = urlencode(one.where)
    return A(
        label(one),
        " ",
        Span(f"{jobs.counts[one]:,}", cls="count"),
        id=f"job-filter-{one.state or one.app or 'all'}",
        href=f"/apps/{view.app}{'?' if query else ''}{query}",
        data_open=view.app,
        aria_current="true" if one == jobs.filter else None,
    )


def label(one: Filter) -> str:
    """Return what people call a filter."""
    return (one.state or one.app or "all").replace("_", " ").capitalize()


def nothing(chosen: Filter) -> str:
    """Return what to say when there is no job to show."""
    if chosen == Filter():
        return "No app has run long work yet. The app Simulator has some to look at."
    return "No job matches. Choose All to see the others."


def older(view: AppView, jobs: Jobs) -> FT:
    """Return how many jobs are shown, and the button that shows older ones."""
    last = view.offset + len(jobs.rows)
    return Div(
        P(f"{view.offset + 1:,} to {last:,} of {jobs.total:,}"),
        Button("Show older", type="button", id="jobs-more", **commands("more")),
        cls="range",
        hidden=last >= jobs.total,
    )
