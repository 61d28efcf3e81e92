"""A run of a workflow: one row of the table `workflow_run`, and what follows from it. Pure."""

import json
import secrets
import time
from collections.abc import Collection, Mapping
from itertools import count
from typing import Any

from apps.tables import Field, Row, Table
from apps.work.workflows import PLACE, Step, Workflow, as_text, filled_in
from bus.checks.shapes import Map, MapOf

LONGEST_DATA = 200_000
"""Characters of all that the steps of a run hold, as JSON."""
LONGEST_TITLE = 200

RUN = Table(
    "workflow_run",
    (
        Field("title", required=True, limit=LONGEST_TITLE),
        Field("workflow", required=True, limit=40),
        Field("step", limit=40),
        Field("turn", "integer", counter=True),
        Field("data", "json", limit=LONGEST_DATA, default={}, shape=MapOf(Map())),
        Field("draft", "json", limit=60_000, default={}, shape=Map()),
        Field("proposed", "json", limit=60_000, default={}, shape=Map()),
        Field("asked", "integer"),
        Field("conversation", "integer"),
        Field("finalised", "boolean"),
        Field("created", "time"),
    ),
    label="a run of a workflow",
    keyed=True,
    scoped=True,
)
"""A run of a workflow, under a key like `weekly_review-k3x9f2`. `workflow`: the name of its declaration. `step`: id of
the current step, "" when all are done. `turn`: grows with each step that is finished or gone back to, also by an undo,
so that what was made for an earlier state is refused. `data`: by id of each finished step, what it holds: a field by
its name, `rows` (maps of `id`, 0 for a new one, and `title`), `text`, or `job`, `arguments` and `result`. `draft`: what
the user has filled in and not submitted, by field. `proposed`: what the assistant proposes for the fields of the
current step, by field; it never overwrites `draft`. `asked`: id of the message that asks for a draft, or of the job, of
the current step; 0 for none. `conversation`: id of the one in which the model is asked for drafts of this run; 0 for
none yet. `finalised`: locked until it is reopened."""

KEY_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
KEY_LENGTH = 6

CLEARED: Row = {"draft": {}, "proposed": {}, "asked": 0}
"""What a run loses when it comes to another step."""


def held_in(run: Row, step: str) -> Row:
    """Return what a finished step holds; {} for nothing, and for what no step can hold."""
    return in_map(run["data"].get(step))


def in_map(value: Any) -> Row:
    """Return a value that is a map; {} for every other one."""
    return value if isinstance(value, dict) else {}


def in_list(value: Any) -> list[Any]:
    """Return what a group of boxes sent, or what was kept of it, as a list: nothing, one value, or several."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def new_key(workflow: str) -> str:
    """Return a key for a new run: `weekly_review-k3x9f2`."""
    return f"{workflow}-{''.join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))}"


def begun(workflow: Workflow, taken: Collection[str] = ()) -> Row:
    """Return the values of a new run. `taken`: titles of other runs; a title that is taken gets a number."""
    title = f"{workflow.title}, {day_of(time.time())}"
    if title in taken:
        title = next(one for number in count(2) if (one := f"{title} ({number})") not in taken)
    return {"workflow": workflow.name, "title": title, "step": workflow.steps[0].id, "turn": 1}


def finished(workflow: Workflow, run: Row, holds: Row) -> Row:
    """Return the values that change when the current step is finished. `holds`: what the step holds then."""
    step = run["step"]
    return {**CLEARED, "step": workflow.after(step), "turn": run["turn"] + 1, "data": {**run["data"], step: holds}}


def gone_back(workflow: Workflow, run: Row, step: str) -> Row:
    """Return the values that change when the user goes back to a step: later ones are cleared, it can be edited."""
    kept = workflow.index(step)
    data = {name: held for name, held in run["data"].items() if workflow.index(name) < kept}
    draft = editable(workflow.steps[kept], held_in(run, step))
    return {**CLEARED, "step": step, "turn": run["turn"] + 1, "data": data, "draft": draft}


def editable(step: Step, held: Row) -> Row:
    """Return what a step held as the draft of its form."""
    if step.kind == "rows":
        rows = [one for one in in_list(held.get("rows")) if isinstance(one, dict)]
        chosen = [str(one["id"]) for one in rows if one.get("id")]
        return {"rows": chosen, "titles": [str(one.get("title", "")) for one in rows]}
    if step.job:
        given = in_map(held.get("arguments"))
        return {one.name: in_form(given[one.name], one) for one in step.job.fields if one.name in given}
    return {one.name: held[one.name] for one in step.form if one.name in held}


def in_form(value: Any, one: Field) -> Any:
    """Return a value of a field as its form shows it: JSON is written out, and empty when there is nothing."""
    if not one.kind.is_any:
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def cleared_by(workflow: Workflow, run: Row, step: str) -> list[Step]:
    """Return the finished steps behind `step`: what going back to it clears."""
    return [one for one in workflow.steps[workflow.index(step) + 1 :] if one.id in run["data"]]


def progress_of(workflow: Workflow, run: Row) -> tuple[int, int]:
    """Return the number of the current step, 1 for the first, and how many there are."""
    total = len(workflow.steps)
    return min(workflow.index(run["step"]) + 1, total), total


def known_of(workflow: Workflow, run: Row) -> dict[str, Mapping[str, Any]]:
    """Return what a template may repeat: the run's title and day, and what each finished step holds."""
    known: dict[str, Mapping[str, Any]] = {"run": {"title": run["title"], "day": day_of(run["created"])}}
    for step in workflow.steps:
        held = held_in(run, step.id)
        known[step.id] = returned_by(held) if step.job else held
    return known


def returned_by(held: Row) -> Row:
    """Return what a template may repeat of a step with a job: what the job returned, and its id."""
    result = held.get("result")
    return {**in_map(result), "job": held.get("job", 0), "result": result}


def document(workflow: Workflow, run: Row, step: Step) -> str:
    """Return the document of a step with a `result`."""
    return filled_in(step.result, known_of(workflow, run)).strip() + "\n"


def asked_for(workflow: Workflow, run: Row, step: Step) -> str:
    """Return what the model is asked in a step with a `prompt`."""
    return filled_in(step.prompt, known_of(workflow, run)).strip()


def arguments_of(workflow: Workflow, run: Row, step: Step) -> dict[str, str]:
    """Return what the form of a job begins with."""
    known = known_of(workflow, run)
    fields = {one.name: one for one in step.job.fields} if step.job else {}
    return {name: argument(template, known, fields.get(name)) for name, template in step.arguments.items()}


def argument(template: str, known: Mapping[str, Mapping[str, Any]], one: Field | None) -> str:
    """Return an argument. A place alone is the value itself: as JSON for a JSON field, and nothing is no dash."""
    place = PLACE.fullmatch(template)
    if place is None:
        return filled_in(template, known)
    value = known.get(place[1], {}).get(place[2])
    return str(in_form(value, one)) if one and one.kind.is_any else as_text(value)


def shown_of(workflow: Workflow, run: Row, step: Step) -> str:
    """Return, in Markdown, what a finished step shows."""
    if step.shows:
        return filled_in(step.shows, known_of(workflow, run)).strip()
    held = held_in(run, step.id)
    if step.kind == "rows":
        return as_text(held.get("rows", []))
    if step.kind == "job":
        result = held.get("result") or {}
        named = [f"{name}: {as_text(value)}" for name, value in in_map(result).items()]
        return as_text(named if isinstance(result, dict) else result)
    if step.kind == "fields":
        return "\n\n".join(f"**{one.called}:** {as_text(held.get(one.name))}" for one in step.fields)
    return as_text(held.get("text"))


def is_draft(change: Row) -> bool:
    """Return whether a row of the history only keeps what the user typed into the step of a run, before it is done."""
    is_kept = change["subject"] == RUN.name and change["verb"] == "update" and change["actor"] == "app"
    return is_kept and not change["undoes"] and set(change["after"] or ()) in ({"draft"}, {"draft", "proposed"})


def title_of_row(table: Table, row: Row) -> str:
    """Return what people call a row: its first required text, else its first text."""
    texts = [one for one in table.fields if one.kind.is_text and not one.choices]
    named = next((one for one in texts if one.required), texts[0] if texts else None)
    return str(row.get(named.name, "")) if named else str(row["id"])


def day_of(seconds: float) -> str:
    """Return the day of a time (Unix seconds) in the time zone of this machine: `2026-11-27`."""
    return time.strftime("%Y-%m-%d", time.localtime(seconds))
