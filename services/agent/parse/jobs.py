"""Read an instruction about long work: `run` starts it; `cancel`, `pause`, `resume` and `retry` are about a job. Pure.

A job is named as models name things: by its name, its label, or not at all where the open app has only one. A job that
is there already is named by a number (the id of its row), words, or nothing: `act/meant.py` finds out which it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.core import JOB
from apps.names import compared
from apps.tables import BadValue, Field, Row
from apps.types.reader import HERE, Reader
from apps.work.declared import Job
from bus.messages import StoreOrder
from services.agent.parse.arguments import ELLIPSES, IGNORED_KEYS, NUMBERED, BadInstruction, fitted
from services.agent.parse.normalise import ARGUMENTS, NAMES_OF_JOBS, Unclear, arguments_of

VALUES = ("values", *ARGUMENTS, "fields", "data", "options", "settings")
"""The keys under which models write what a job is given."""
NAMES_OF_RUNS = (*NAMES_OF_JOBS, "id", "row", "row_id", "title", "label", "table", "where")
"""The keys under which models write which job is meant. The first one is ours."""
STATE_AFTER = {"cancel": "cancelled", "pause": "paused", "resume": "waiting", "retry": "waiting"}
"""By operation on a job: the state to which the job comes."""
LONGEST_NAME = 300
"""Characters of the words that name a job."""


@dataclass(frozen=True, slots=True)
class AppJob:
    """A job, and the app that declares it."""

    app: str
    job: Job

    @property
    def names(self) -> frozenset[str]:
        """What a model may call it, in lower case."""
        whole = (self.job.name, self.job.label, f"{self.app}.{self.job.name}", f"{self.app}: {self.job.name}")
        return frozenset(compared(one) for one in whole)


@dataclass(frozen=True, slots=True)
class Work:
    """What a step starts, or which job it is about."""

    job: AppJob | None = None
    """What it starts; None: it is about a job that is there."""
    arguments: Mapping[str, Any] | None = None
    named: int | str = ""
    """Which job it is about: the id of a row, words, or "" for the only one that can be meant."""

    @property
    def app(self) -> str:
        """The app whose job is started; "" for none."""
        return self.job.app if self.job else ""


def named_job(name: Any, jobs: tuple[AppJob, ...]) -> AppJob | None:
    """Return the first job that has this name or label."""
    return next((one for one in jobs if type(name) is str and compared(name) in one.names), None)


def work_of(
    operation: str,
    instruction: Row,
    jobs: tuple[AppJob, ...],
    elsewhere: tuple[AppJob, ...],
    *,
    reader: Reader = HERE,
) -> Work:
    """Return what an instruction starts, or its job.

    `jobs`: those of the open app. `elsewhere`: those of others. `reader`: whose words the model has heard.
    """
    if operation != "run":
        return Work(named=_named(instruction))
    job = _job(instruction, jobs, elsewhere)
    try:
        return Work(job, job.job.checked(_arguments(instruction, job.job, reader)))
    except BadValue as problem:
        raise BadInstruction(str(problem)) from problem


def operation_on_job(operation: str, instruction: Row) -> str:
    """Return the operation that is meant: models also write `run` with the id of a job that is to be tried again."""
    names = [instruction[key] for key in NAMES_OF_JOBS if type(instruction.get(key)) is str]
    is_name_given = any(type(_number_or_words(one)) is str for one in names)
    is_again = operation == "run" and not is_name_given and type(_named(instruction)) is int
    return "retry" if is_again else operation


def order_of(operation: str, work: Work, profile: int, row: int = 0) -> StoreOrder:
    """Return what becomes of the table of jobs. It is never sent: only the process `jobs` changes that table."""
    if work.job is None:
        state = {"state": STATE_AFTER[operation]}
        return StoreOrder(verb="update", table=JOB.name, id=row, values=state, actor="model")
    job, arguments = work.job.job, dict(work.arguments or {})
    values = {"title": job.title(arguments), "app": work.app, "job": job.name, "arguments": arguments}
    return StoreOrder(verb="insert", table=JOB.name, values=values | {"profile": profile}, actor="model")


def _job(instruction: Row, jobs: tuple[AppJob, ...], elsewhere: tuple[AppJob, ...]) -> AppJob:
    written = [instruction[key] for key in (*NAMES_OF_JOBS, "table", "label", "title") if key in instruction]
    for name in written:
        if found := named_job(name, (*jobs, *elsewhere)):
            return found
    if not written and len(jobs) == 1:
        return jobs[0]
    names = ", ".join(one.job.name for one in jobs) or "none"
    others = ", ".join(f"{one.job.name} of {one.app}" for one in elsewhere)
    problem = f"There is no job {written[0]!r:.60}." if written else "`run` needs `job`: the name of a job."
    raise BadInstruction(f"{problem} The open app has: {names}.{f' Others have: {others}.' if others else ''}")


def _arguments(instruction: Row, job: Job, reader: Reader) -> Row:
    fields = {one.name: one for one in job.fields}
    called = {compared(text): one for one in job.fields for text in (one.called, one.name)}
    values = {}
    for name, value in _written(instruction, fields).items():
        field = fields.get(name) or called.get(compared(str(name)))
        if value is None and not (field and field.required):
            continue
        if type(value) is str and value.strip() in ELLIPSES:
            raise BadInstruction(f"`{name}` is {value!r}. Expected the text itself, not what stands for one.")
        values[field.name if field else name] = fitted(field, value, reader) if field else value
    return values


def _written(instruction: Row, fields: Mapping[str, Field]) -> Row:
    """Return the values as the model wrote them: under a key of their own, or beside `operation`."""
    for key in VALUES:
        if key in instruction and key not in fields:
            value = instruction[key]
            try:
                return arguments_of(value) if type(value) is str else value if type(value) is dict else {}
            except Unclear as unclear:
                raise BadInstruction(str(unclear)) from unclear
    known = {"operation", *NAMES_OF_RUNS, *IGNORED_KEYS, *VALUES} - fields.keys()
    return {name: value for name, value in instruction.items() if name not in known}


def _named(instruction: Row) -> int | str:
    """Return which job is meant; a number counts before words."""
    written = [instruction[key] for key in NAMES_OF_RUNS if key in instruction]
    maps = [one for one in written if type(one) is dict]
    written += [one[key] for one in maps for key in NAMES_OF_RUNS if key in one]
    found = [named for one in written if (named := _number_or_words(one))]
    return next((one for one in found if type(one) is int), found[0] if found else "")


def _number_or_words(value: Any) -> int | str:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and 0 < value < 2**63:
        return value
    if type(value) is not str or compared(value) in ("", JOB.name, f"{JOB.name}s"):
        return ""
    number = NUMBERED.fullmatch(value)
    return int(number[1]) if number else value.strip()[:LONGEST_NAME]
