"""Declare a workflow: steps that the user does one after another, over days if they like. Pure data.

An app declares its workflows with the hook `workflows` in its `store.py`. `apps.work.runs` has what a run is;
docs/workflows.md shows how to write one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.names import problem_of_name
from apps.tables import BadValue, Field, Row
from apps.work.declared import Job

PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\}")
"""A place in a template: `{step.name}`, or `{run.title}` and `{run.day}`."""
OF_RUN = ("title", "day")
"""What a template may say of the run itself."""
RESERVED_STEPS = ("run",)
LONGEST_DRAFT = 20_000
"""Characters of the text of a step that the model drafts."""
DRAFT = Field("text", required=True, limit=LONGEST_DRAFT, label="Text")
"""The one field of a step with a `prompt`."""
FORM_TYPES = ("text", "integer", "real", "boolean")
"""Types of fields that a form of a step can have."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table to choose from: those in the profile of the run that match `where`."""

    table: str
    where: Row = field(default_factory=dict)
    """As in an order to the store: `{"done": True}`."""
    days: int = 0
    """Only rows that came to match in the last so many days; 0: whenever that was."""
    chosen: bool = True
    """Whether all of them are chosen at first, so that the user takes some out; False: none."""
    most: int = 0
    """The most rows that may be chosen; 0: no limit."""
    adds: bool = False
    """The user may write new rows here, which are inserted into the table."""
    first: bool = False
    """The chosen rows are moved to the head of the table (which must be `sortable`)."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: exactly one of `fields`, `rows`, `prompt`, `job` and `result` says what is done in it.

    The templates (`prompt`, `arguments`, `result`, `shows`) may repeat what earlier steps hold: `{step.field}` a
    field, `{step.rows}` the chosen rows as a list, `{step.text}` the text of a prompt or a result, `{step.NAME}` of a
    job's step what the job returned under that name.
    """

    id: str
    title: str
    about: str = ""
    """A sentence above the form: what to do here."""
    fields: tuple[Field, ...] = ()
    """A form."""
    rows: Rows | None = None
    """Rows to choose from."""
    prompt: str = ""
    """Template of what the model is asked: it drafts a text, which the user edits."""
    job: Job | None = None
    """A job that the same app declares."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """By argument of the job: a template of the value that the form begins with."""
    result: str = ""
    """Template of a document in Markdown, to copy or download."""
    shows: str = ""
    """Template of what the finished step shows; "" for all that it holds."""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        if problem := self._problem():
            raise BadValue("bad_value", f"The step {self.id!r:.60} cannot be declared so: {problem}.")

    def _problem(self) -> str:
        if problem := problem_of_name("a step", self.id):
            return problem.rstrip(".")
        if self.id in RESERVED_STEPS:
            return f"the name {self.id!r} stands for the run in templates. Choose another one"
        if len(self.kinds) != 1:
            found = ", ".join(self.kinds) or "none of them"
            return f"it has {found}. Expected exactly one of fields, rows, prompt, job and result"
        if unfit := [one.name for one in self.fields if one.type not in FORM_TYPES]:
            return f"a form cannot have its field {unfit[0]!r}. Types that can: {', '.join(FORM_TYPES)}"
        if len({one.name for one in self.fields}) < len(self.fields):
            return "two of its fields have the same name"
        if self.arguments and not self.job:
            return "only a step with a job has arguments"
        taken = [one.name for one in self.job.fields] if self.job else []
        unknown = [name for name in self.arguments if name not in taken]
        return f"its job takes no argument {unknown[0]!r}. It takes: {', '.join(taken) or 'none'}" if unknown else ""

    @property
    def kinds(self) -> list[str]:
        """Which of the five it has; a sound step has one."""
        return [name for name in ("fields", "rows", "prompt", "job", "result") if getattr(self, name)]

    @property
    def kind(self) -> str:
        """One of: fields, rows, prompt, job, result."""
        return self.kinds[0]

    @property
    def form(self) -> tuple[Field, ...]:
        """The fields that the user fills in; those of a job are declared by the job."""
        return (DRAFT,) if self.prompt else self.fields

    @property
    def templates(self) -> tuple[str, ...]:
        """All its templates that only know earlier steps."""
        return (self.prompt, self.result, *self.arguments.values())

    def holds(self, name: str) -> bool:
        """Return whether a template may say `{step.name}` of this step."""
        known = {"fields": [one.name for one in self.fields], "rows": ["rows"], "job": [name]}
        return name in known.get(self.kind, ["text"])


@dataclass(frozen=True, slots=True)
class Workflow:
    """Steps in their order. The name is that of no other workflow of any app."""

    name: str
    title: str
    about: str
    """One or two sentences: what it is for."""
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        if problem := self._problem():
            raise BadValue("bad_value", f"The workflow {self.name!r:.60} cannot be declared so: {problem}.")

    def _problem(self) -> str:
        if problem := problem_of_name("a workflow", self.name):
            return problem.rstrip(".")
        names = [one.id for one in self.steps]
        if not names:
            return "it has no steps"
        if twice := [name for name in names if names.count(name) > 1]:
            return f"it has two steps named {twice[0]!r}"
        earlier: dict[str, Step] = {}
        for step in self.steps:
            for template, known in (
                *((one, earlier) for one in step.templates),
                (step.shows, {**earlier, step.id: step}),
            ):
                if place := unknown_place(template, known):
                    return f"its step {step.id!r} says {place}, which no step before it holds"
            earlier[step.id] = step
        return ""

    def step(self, name: str) -> Step | None:
        """Return the step of this id; None if there is none (any more)."""
        return next((one for one in self.steps if one.id == name), None)

    def index(self, name: str) -> int:
        """Return the place of a step, 0 for the first; the number of steps for "", when all are done."""
        names = [one.id for one in self.steps]
        return names.index(name) if name in names else len(names)

    def after(self, name: str) -> str:
        """Return the id of the step behind this one; "" behind the last one."""
        following = self.steps[self.index(name) + 1 :]
        return following[0].id if following else ""


def unknown_place(template: str, known: Mapping[str, Step]) -> str:
    """Return the first place of a template that these steps do not hold, as it is written; "" if they hold all."""
    for found in PLACE.finditer(template):
        step, name = found.groups()
        holds = name in OF_RUN if step == "run" else step in known and known[step].holds(name)
        if not holds:
            return found[0]
    return ""


def filled_in(template: str, values: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a template with its places filled in; what is empty is a dash. `values`: by step or `run`, then name."""
    return PLACE.sub(lambda found: as_text(values.get(found[1], {}).get(found[2], "")) or "–", template)


def as_text(value: Any) -> str:
    """Return a value as a template shows it: a list of rows as a list in Markdown, yes and no for a switch."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(f"- {one.get('title', '') if isinstance(one, dict) else one}" for one in value) or "- nothing"
    return "" if value is None else str(value)
