"""An app's own view, and the generated pieces that it may keep."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl

from fastcore.xml import FT, Safe

from apps.mistakes import TooMuch
from apps.registry import FAILED, App, Registry
from apps.tables import Row, Table
from apps.views import AppView, Pieces, nobody_answers
from apps.work.declared import Job
from bus.bus import Bus
from bus.errors import NoAnswer
from bus.messages import StoreAnswer, StoreOrder
from bus.store_client import ask_store
from web.html.chat.markdown import render
from web.html.jobs.card import job_card
from web.html.jobs.keys import job_keys
from web.html.jobs.run_form import run_form
from web.html.parts.elements import Div
from web.html.parts.examples import row_examples
from web.html.parts.fragments import html
from web.html.rows.forms import add_form
from web.html.rows.rows import row_item, rows_list
from web.live.queries import Rows, Wanted
from web.state.filters import where_of
from web.state.jobs.running import RunningJobs
from web.state.page_view import PageView, profile_in

LONGEST_VIEW = 1_000_000
"""Characters of HTML that an app's own view may have. Browsers need seconds for more."""


MARKS = len("<></>")


class GeneratedPieces:
    """The `apps.views.Pieces` of one page."""

    def __init__(self, view: PageView, table: Table, registry: Registry) -> None:
        """`table`: the one that the app shows."""
        self.jobs: set[int] = set()
        """Ids of the jobs whose progress was drawn."""
        self._view = view
        self._table = table
        self._registry = registry

    def form(self) -> FT:
        """Return the form that adds a row."""
        return add_form(self._table, self._view.context)

    def row(self, row: Row) -> FT:
        """Return a row, with its tools, as an item of a list."""
        view = self._view
        key, edited = row["id"], row["id"] in view.edited
        by_model, marked = key in view.by_model, key == view.marked
        return row_item(self._table, row, by_model=by_model, marked=marked, edited=edited, context=view.context)

    def list(self, rows: Sequence[Row]) -> FT:
        """Return the list of rows, which can be edited, moved and deleted in it."""
        return rows_list(self._view, self._table, rows)

    def examples(self) -> FT | None:
        """Return the examples of an empty list; None while it is filtered, or for an app without examples."""
        shown = None if self._view.shown.filters else row_examples(self._table, self._view.examples)
        return Div(shown, cls="empty") if shown else None

    def markdown(self, text: str) -> FT:
        """Return a text in Markdown as safe HTML."""
        return Div(Safe(render(text)), cls="text")

    def run_form(self, job: Job) -> FT:
        """Return the form that runs a job of the app."""
        return run_form(self._view.app, job)

    def keys(self, job: Job) -> FT:
        """Return which keys a job of the app needs, and whether each is set."""
        return job_keys(self._view.app, job, self._view.keys)

    def progress(self, row: Row) -> FT:
        """Return how far a job is, what became of it, and its buttons."""
        self.jobs.add(row["id"])
        return draw_card(row, self._view.running, self._registry)


def draw_card(row: Row, running: RunningJobs, registry: Registry) -> FT:
    """Return a job as it is now."""
    declared = registry.job(row["app"], row["job"])
    return job_card(row, running.of(row), resumes=declared is not None and declared.resumes)


async def read_own(app: App, registry: Registry, jobs_folder: Path, bus: Bus, wanted: Wanted) -> Rows | None:
    """Return what an app reads for itself; None when that fails, which is reported as the app's failure."""
    revisions: list[int] = []
    table = cast(Table, wanted.table)  # it is read only for an app that shows one

    async def ask(order: StoreOrder) -> StoreAnswer:
        # in a task of its own: a step of the app may be interrupted anywhere, but a message must be sent whole
        answer = await asyncio.create_task(ask_store(bus, order))
        revisions.append(answer.revision)
        return answer

    seen = AppView(
        app=app.name,
        table=table,
        rows=(),
        pieces=cast(Pieces, None),  # nothing is drawn yet
        profile=profile_in(wanted.settings),
        settings=wanted.settings,
        tables={name: one.tables for name, one in registry.sound.items()},
        workflows=registry.workflows,
        jobs=jobs_of(registry),
        query=dict(parse_qsl(wanted.window.query)),
        limit=wanted.window.limit,
        offset=wanted.window.offset,
        ask=ask,
        jobs_folder=jobs_folder,
        reader=wanted.person,
    )
    read = await app.wait_for("read", NoAnswer, view=seen)
    if read is FAILED:
        return None
    made = replace(seen, read=read, ask=nobody_answers)
    return Rows(table.name, revision=min(revisions, default=0), own=made)


def jobs_of(registry: Registry) -> dict[str, tuple[Job, ...]]:
    """Return the declared jobs of each app that has any."""
    return {name: one.jobs for name, one in registry.sound.items() if one.jobs}


def own_view(app: App, view: PageView, registry: Registry) -> tuple[Safe | None, frozenset[int]]:
    """Return an app's own view of a page, rendered, and the ids of the jobs in it; None for the generated view.

    A view that raises, takes too long, or returns what cannot be rendered or is too large, is reported as the app's
    failure; the generated view is shown instead. So it is when the hook `read` failed: there is nothing to view.
    """
    if view.table is None or (app.has("read") and view.read is None):
        return None, frozenset()
    pieces = GeneratedPieces(view, view.table, registry)
    seen = AppView(
        app=view.app,
        table=view.table,
        rows=view.rows,
        pieces=pieces,
        total=view.shown.total,
        profile=view.profile,
        filter=where_of(view.table, view.shown.filters, view.context.now),
        settings=view.settings,
        jobs=jobs_of(registry),
        reader=view.context.reader,
    )
    if view.read is not None:
        seen = replace(view.read, pieces=pieces)
    made: Safe | None = app.call("view", FT, None, rendered, view=seen)
    return made, frozenset(pieces.jobs if made is not None else ())


def rendered(made: FT) -> Safe:
    """Return an app's view as HTML, or raise `TooMuch`. Measured before, so that a giant is never written out."""
    if _characters(made) > LONGEST_VIEW:
        raise TooMuch(f"it returned more than {LONGEST_VIEW:,} characters of HTML. Show less at a time.")
    written = html(made)
    if len(written) > LONGEST_VIEW:
        raise TooMuch(f"it returned {len(written):,} characters of HTML, at most {LONGEST_VIEW:,} fit.")
    return Safe(written)


def _characters(root: object) -> int:
    """Return about how many characters the elements have as HTML, at least; stop counting behind the limit."""
    total, waiting = 0, [root]
    while waiting and total <= LONGEST_VIEW:
        one = waiting.pop()
        if isinstance(one, FT):
            total += 2 * len(one.tag) + MARKS
            total += sum(len(value) for value in one.attrs.values() if isinstance(value, str))
        children = one.children if isinstance(one, FT) else one
        if isinstance(children, str | bytes):
            total += len(children)
        elif isinstance(children, list | tuple):
            total += len(children)
            waiting.extend(children[: LONGEST_VIEW + 1])
    return total
