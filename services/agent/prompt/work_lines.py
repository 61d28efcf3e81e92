"""Long work as the model is told of it: the jobs of the profile, and the step of a workflow that is in view. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence

from apps.core import JOB_ACTIVE
from apps.tables import Field, Row
from apps.work.runs import RUN, progress_of
from apps.work.workflows import Step, Workflow
from services.agent.limits import MAX_TOLD_ACTIVE_JOBS, MAX_TOLD_ENDED_JOBS, MAX_VALUE, TOLD_JOB_SECONDS
from services.agent.prompt.describe import one_line, value_text
from services.agent.prompt.row_lines import quoted, with_id


def job_lines(jobs: Iterable[Row], now: float) -> tuple[str, ...]:
    """Return the lines of the jobs that are active or ended lately. `jobs`: the newest first. `now`: Unix seconds."""
    jobs = list(jobs)
    active = [row for row in jobs if row["state"] in (*JOB_ACTIVE, "paused")]
    ended = [row for row in jobs if row not in active and row["ended"] > now - TOLD_JOB_SECONDS]
    hidden = len(active) - MAX_TOLD_ACTIVE_JOBS
    rest = [f"({hidden} further jobs are not shown here)"] if hidden > 0 else []
    told = [*active[:MAX_TOLD_ACTIVE_JOBS], *ended[:MAX_TOLD_ENDED_JOBS]]
    return (*(_line(row) for row in told), *rest)


def new_lines(lines: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the lines to tell: those that were told before, only if their jobs are active."""
    before = set(known)
    return tuple(line for line in lines if line not in before or _is_active(line))


def _is_active(line: str) -> bool:
    return any(f'", {state}' in line for state in (*JOB_ACTIVE, "paused"))


def _line(row: Row) -> str:
    parts = [quoted(one_line(row["title"])), row["state"], _how_far(row)]
    if row["state"] in (*JOB_ACTIVE, "paused") and row["note"]:
        parts.append(f"note: {quoted(one_line(row['note']))}")
    if row["problem"]:
        parts.append(f"problem: {quoted(one_line(row['problem']))}")
    if row["result"]:
        parts.append(f"result: {one_line(value_text(row['result']), MAX_VALUE)}")
    return with_id(row["id"], ", ".join(part for part in parts if part))


def _how_far(row: Row) -> str:
    if row["total"]:
        return f"{row['done']} of {row['total']} done"
    return f"{row['done']} done" if row["done"] else ""


def run_in_view(runs: Iterable[Row], workflows: Mapping[str, Workflow], last: str = "") -> Row | None:
    """Return the run whose step the user most likely looks at; None for none.

    `last`: the key of the run that was changed last; else it is the one that was begun last.
    """
    open_runs = [one for one in runs if not one["finalised"] and _step_of(one, workflows)]
    same = (one for one in open_runs if one["id"] == last)
    return next(same, None) or max(open_runs, key=lambda one: one["created"], default=None)


def step_lines(run: Row | None, workflows: Mapping[str, Workflow]) -> tuple[str, ...]:
    """Return the lines about the current step of a run; () for a step without a form."""
    step = _step_of(run, workflows) if run else None
    if run is None or step is None or not step.form:
        return ()
    number, total = progress_of(workflows[run["workflow"]], run)
    head = f"{quoted(one_line(run['title']))}, step {number} of {total}: {quoted(one_line(step.title))}"
    example = {
        "operation": "update",
        "table": RUN.name,
        "id": run["id"],
        "values": {"proposed": {step.form[0].name: "…"}},
    }
    how = f"To propose what to fill in: {json.dumps(example, ensure_ascii=False)}"
    return (head, *(_field_line(one, run["draft"] or {}) for one in step.form), how)


def _step_of(run: Row, workflows: Mapping[str, Workflow]) -> Step | None:
    workflow = workflows.get(run["workflow"])
    return workflow.step(run["step"]) if workflow else None


def _field_line(one: Field, draft: Row) -> str:
    filled = draft.get(one.name)
    value = "-" if filled in (None, "") else quoted(value_text(filled))
    label = f" ({one_line(one.label)})" if one.label else ""
    return f"- {one.name}{label}: {value}"
