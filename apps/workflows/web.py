"""The page: workflows to begin, and runs with their progress; or one run."""

from fastcore.xml import FT, H3, A, Button, Div, Li, P, Span, Ul

from apps.core import CORE
from apps.hookspecs import hook
from apps.tables import Row
from apps.views import AppView, commands
from apps.work.runs import RUN, progress_of
from apps.work.workflows import Workflow
from apps.workflows.reading import Page, read_page
from apps.workflows.run_page import run_page
from bus.messages import StoreChanged

SILENT = frozenset(table.name for table in CORE) - {"job"}
"""Tables of the core that no step shows."""


@hook
async def read(view: AppView) -> Page:
    """Read the runs, or the one that the address names."""
    return await read_page(view)


@hook
def concerned(fact: StoreChanged) -> bool:
    """Return True for what a step may show: rows of apps, jobs, and the model's answers as they begin and end."""
    if fact.table == "message":
        return bool((fact.row or fact.before).get("reply_to"))
    return fact.table not in SILENT


@hook
def view(view: AppView) -> FT:
    """Return the page."""
    page: Page = view.read
    return run_page(view, page) if page.key else all_runs(page)


def all_runs(page: Page) -> FT:
    """Return the workflows to begin, and the runs."""
    return Div(
        H3("Begin"),
        Ul(*(to_begin(one) for one in page.workflows.values()), cls="workflow-list", aria_label="Workflows to begin"),
        H3("Runs"),
        Ul(*(line(page, run) for run in page.runs), id="run-list", cls="rows", aria_label="Runs, the newest first"),
        P("No run yet. Begin one above.", cls="empty") if not page.runs else None,
        Button(f"Show more ({page.more:,})", type="button", id="run-more", **commands("more")) if page.more else None,
        cls="workflows",
    )


def to_begin(workflow: Workflow) -> FT:
    """Return a workflow with the button that begins a run."""
    name = f"begin-{workflow.name}"
    label = f"Begin {workflow.title}"
    begin = commands("workflow-begin", workflow=workflow.name)
    return Li(
        Div(Span(workflow.title, cls="title"), P(workflow.about, cls="run-about")),
        Button("Begin", type="button", id=name, cls="primary", aria_label=label, **begin),
    )


def line(page: Page, run: Row) -> FT:
    """Return a run in the list."""
    key = run["id"]
    which = {"table": RUN.name, "id": key}
    delete = commands("delete", **which)
    label = f"Delete “{run['title']}”"
    return Li(
        A(run["title"], href=f"/apps/workflows?run={key}", data_open=True, id=f"open-{key}", cls="title", dir="auto"),
        Span(how_far(page.workflows.get(run["workflow"]), run), cls="beside"),
        Span(
            Button(type="button", cls="icon icon-delete", aria_label=label, title=label, id=f"delete-{key}", **delete),
            cls="row-tools",
        ),
        id=f"run-{key}",
        cls="row",
        data_id=key,
    )


def how_far(workflow: Workflow | None, run: Row) -> str:
    """Return in words how far a run is: "step 3 of 6: Summary"."""
    if workflow is None:
        return f"its workflow {run['workflow']} is not installed"
    if run["finalised"]:
        return "finalised"
    if not run["step"]:
        return "all steps done"
    number, total = progress_of(workflow, run)
    step = workflow.step(run["step"])
    return f"step {number} of {total}{f': {step.title}' if step else ''}"
