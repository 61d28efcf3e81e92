"""The page of the simulator: the form that runs the job, what the scenarios do, and its jobs."""

from dataclasses import dataclass

from fastcore.xml import FT, Dd, Details, Div, Dl, Dt, P, Summary

from apps.hookspecs import hook
from apps.simulator.store import SCENARIOS, SIMULATE
from apps.tables import Row
from apps.views import AppView, Examples
from bus.messages import StoreChanged, StoreOrder

JOBS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Runs:
    """The newest jobs of the simulator, the newest first."""

    rows: tuple[Row, ...]


@hook
async def read(view: AppView) -> Runs:
    """Read the newest jobs of the simulator, in the profile in view."""
    where = {"app": view.app, "profile": view.profile}
    order = StoreOrder(verb="list", table="job", where=where, sort="-id", limit=JOBS_SHOWN)
    return Runs(tuple((await view.ask(order)).rows))


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for a job of the simulator that is new or gone; `pieces.progress` follows the others."""
    return fact.table == "job" and fact.verb != "update"


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    runs: Runs = view.read
    return Div(
        view.pieces.run_form(SIMULATE),
        Details(
            Summary("What the scenarios do"),
            Dl(*(part for name, words in SCENARIOS.items() for part in (Dt(name), Dd(words)))),
            id="simulator-scenarios",
            cls="scenarios",
        ),
        Div(*(view.pieces.progress(row) for row in runs.rows), id="simulator-jobs", cls="jobs"),
        P("Nothing was simulated yet. Choose a scenario, and run it.", cls="empty") if not runs.rows else None,
        cls="jobs-page",
    )


@hook
def examples() -> Examples:
    """Return one order that starts the job, and two questions."""
    return Examples(sentences=("Simulate 20 chunks fast", "What jobs are there?", "What is this page for?"))
