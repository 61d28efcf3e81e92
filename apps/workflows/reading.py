"""Read what the page shows: the runs, or one run with what its current step needs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.tables import Row
from apps.views import AppView
from apps.work.runs import RUN, title_of_row
from apps.work.workflows import Rows, Step, Workflow
from bus.messages import StoreOrder

MOST_RUNS = 200
MOST_ROWS = 200
"""Rows of a table that a step offers."""
MOST_CHANGES = 1_000
"""Changes, the newest, that are searched for rows that changed lately."""
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows: all runs; or with `key` one run, None if there is none."""

    workflows: Mapping[str, Workflow]
    runs: tuple[Row, ...] = ()
    more: int = 0
    """How many runs are not among them."""
    key: str = ""
    run: Row | None = None
    offered: tuple[Row, ...] = ()
    """Rows that the current step offers: maps of `id` and `title`."""
    more_rows: int = 0
    """How many of them are left out."""
    asked: Row = field(default_factory=dict)
    """The job, or the model's answer, of the current step; {} for none."""

    @property
    def workflow(self) -> Workflow | None:
        """The declaration of the run's workflow; None if no app declares it (any more)."""
        return self.workflows.get(self.run["workflow"]) if self.run else None

    @property
    def step(self) -> Step | None:
        """The current step of the run; None when all are done, or the workflow has it no more."""
        return self.workflow.step(self.run["step"]) if self.workflow and self.run else None


async def read_page(view: AppView) -> Page:
    """Return what the page shows."""
    key = view.query.get("run", "")
    return await read_run(view, key) if key else await read_runs(view)


async def read_runs(view: AppView) -> Page:
    """Return all runs of the profile, the newest first."""
    order = StoreOrder(
        verb="list", table=RUN.name, where={"profile": view.profile}, sort="-created", limit=min(view.limit, MOST_RUNS)
    )
    answer = await view.ask(order)
    return Page(view.workflows, tuple(answer.rows), max(answer.total - len(answer.rows), 0))


async def read_run(view: AppView, key: str) -> Page:
    """Return one run, with what its current step needs."""
    order = StoreOrder(verb="list", table=RUN.name, where={"id": key[:100], "profile": view.profile}, limit=1)
    found = (await view.ask(order)).rows
    page = Page(view.workflows, key=key, run=found[0] if found else None)
    if page.run is None or page.step is None:
        return page
    offered, more = await rows_of_step(view, page.step.rows) if page.step.rows else ((), 0)
    asked = await asked_of(view, page.step, page.run["asked"])
    return Page(view.workflows, key=key, run=page.run, offered=offered, more_rows=more, asked=asked)


async def rows_of_step(view: AppView, rows: Rows) -> tuple[tuple[Row, ...], int]:
    """Return the rows that a step offers, and how many are left out because there are too many."""
    table = next((one for tables in view.tables.values() for one in tables if one.name == rows.table), None)
    if table is None:
        return (), 0
    where = {**rows.where, **({"profile": view.profile} if table.scoped else {})}
    if rows.days:
        where["id"] = await changed_lately(view, rows)
    answer = await view.ask(StoreOrder(verb="list", table=table.name, where=where, limit=MOST_ROWS))
    offered = tuple({"id": row["id"], "title": title_of_row(table, row)} for row in answer.rows)
    return offered, max(answer.total - len(offered), 0)


async def changed_lately(view: AppView, rows: Rows) -> list[int | str]:
    """Return the ids of rows that came to match in the last days: the history knows when."""
    where = {"subject": rows.table, "at": {"from": time.time() - rows.days * DAY_SECONDS}, "verb": ["insert", "update"]}
    order = StoreOrder(verb="list", table="change", where=where, sort="-id", limit=MOST_CHANGES)
    changes = (await view.ask(order)).rows
    return list({one["row"]: None for one in changes if came_to_match(one, rows.where)})


def came_to_match(change: Row, where: Row) -> bool:
    """Return whether a change gave a row a value that `where` names."""
    after = change["after"] or {}
    return not where or any(name in after and after[name] == wanted for name, wanted in where.items())


async def asked_of(view: AppView, step: Step, asked: int) -> Row:
    """Return the job of the current step, or the model's answer to what it was asked; {} for none."""
    if not asked:
        return {}
    if step.job:
        order = StoreOrder(verb="list", table="job", where={"id": asked}, limit=1)
    else:
        order = StoreOrder(verb="list", table="message", where={"reply_to": asked, "purpose": "chat"}, limit=1)
    rows = (await view.ask(order)).rows
    return rows[0] if rows else {"state": "waiting" if step.prompt else ""}
