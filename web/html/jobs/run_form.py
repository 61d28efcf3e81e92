"""The form that runs a job, as HTML: an input for each of its fields."""

import json

from fastcore.xml import FT

from apps.tables import Field
from apps.work.declared import Job
from web.html.parts.elements import Button, Label, Option, Select, Span, Textarea, command_form
from web.html.rows.inputs import field_input
from web.state.fields import field_title
from web.state.types import PAGE_TYPES

LONGEST_LINE = 1_000
"""Characters. A text that may be longer gets several lines."""


def run_form(app: str, job: Job) -> FT:
    """Return the form that runs a job of an app. A double click on its button runs it once."""
    name = form_id(app, job)
    return command_form(
        "job-run",
        *(Label(Span(field_title(one)), argument(one, name, job), cls="field") for one in job.fields),
        Button(job.label, type="submit", id=f"{name}-run", cls="primary"),
        values={"app": app, "job": job.name},
        id=name,
        cls="add run",
        data_once=True,
        aria_label=job.label,
    )


def form_id(app: str, job: Job) -> str:
    """Return the id of the form of a job."""
    return f"run-{app}-{job.name}"


def argument(one: Field, name: str, job: Job) -> FT:
    """Return the input of a field of a job."""
    label = field_title(one)
    if one.kind.is_switch:
        options = (Option(words, selected=(words == "yes") == bool(one.empty)) for words in ("yes", "no"))
        return Select(*options, name=one.name, id=f"{name}-{one.name}", aria_label=label)
    if one.kind.is_text and one.limit > LONGEST_LINE and not one.choices:
        return Textarea(str(one.empty), name=one.name, id=f"{name}-{one.name}", aria_label=label, rows="3")
    if PAGE_TYPES[one.type].is_any:
        return Textarea(json.dumps(one.empty), name=one.name, id=f"{name}-{one.name}", aria_label=label, rows="3")
    least, most = job.limits.get(one.name, (None, None))
    return field_input(one, name, one.empty, least=least, most=most)
