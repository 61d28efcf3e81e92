"""The files of the app that a plan becomes. Pure: `starter.py` writes them."""

import ast
import textwrap
from collections.abc import Iterable, Mapping

from apps.installed import GROUP
from apps.notebooks.code import Input
from apps.notebooks.steps import Plan, Planned
from apps.starter import PROJECT

LONGEST_TEXT = 10_000
"""Characters of a text in a form."""
LONGEST_LINE = 200
"""Characters of a text in one line of a form."""
LONGEST_ARGUMENT = 20_000
"""Characters of a text that a job is given."""

STORE = '''\
"""{heading}: a workflow, written from a notebook. docs/workflows.md says what can be changed here."""

from collections.abc import Sequence

from apps.core import JOB
from apps.hookspecs import hook
from apps.tables import Field, Table
from apps.work.declared import Job
from apps.work.workflows import Step, Workflow

{jobs}WORKFLOW = Workflow(
    {name},
    {title!r},
    {about!r},
    (
{steps}
    ),
)


@hook
def tables() -> Sequence[Table]:
    """Return the core's table of jobs: this app has no rows of its own."""
    return (JOB,)


@hook
def jobs() -> Sequence[Job]:
    """Return the long work."""
    return ({listed})


@hook
def workflows() -> Sequence[Workflow]:
    """Return the workflow."""
    return (WORKFLOW,)
'''

JOBS = '''\
"""The long work of {title}: the cells of the notebook with the tag job."""

{imports}from apps.tables import Row
from apps.work.progress import Progress
{setup}

{functions}
'''

TEST = '''\
"""The workflow {name} can be loaded."""

from apps.installed import Installed
from apps.registry import load


def test_the_workflow_is_sound():
    app = load(Installed("{name}", "{name}", "this folder"))

    assert app.problem == ""
    assert [len(one.steps) for one in app.workflows] == [{count}]
'''


def files_of(plan: Plan) -> Mapping[str, str]:
    """Return the text of each file, by path inside the folder of the app."""
    jobs = [one for one in plan.steps if one.cell.tag == "job"]
    declared = "".join(f"{one.id.upper()} = {_job(one)}\n" for one in jobs)
    store = STORE.format(
        name=repr(plan.name),
        heading=_plain(plan.title),
        title=plan.title,
        about=plan.about or "Written from a notebook.",
        jobs=f"{declared}\n" if declared else "",
        steps=textwrap.indent(",\n".join(map(_step, plan.steps)) + ",", " " * 8),
        listed="".join(f"{one.id.upper()}, " for one in jobs).strip(),
    )
    texts = {
        "pyproject.toml": PROJECT.format(name=plan.name, title=_plain(plan.title), group=GROUP),
        f"{plan.name}/__init__.py": f'"""{_plain(plan.title)}: an app of Pianola, written from a notebook."""\n',
        f"{plan.name}/store.py": store,
        f"test_{plan.name}.py": TEST.format(name=plan.name, count=len(plan.steps)),
    }
    if jobs:
        setup = f"\n{plan.setup}\n" if plan.setup else ""
        functions = "\n\n\n".join(map(_function, jobs))
        imports = "from typing import Any\n\n" if any(one.value is None for job in jobs for one in job.inputs) else ""
        texts[f"{plan.name}/jobs.py"] = JOBS.format(
            title=_plain(plan.title), imports=imports, setup=setup, functions=functions
        )
    return texts


def _plain(text: str) -> str:
    """Return a text that ends no string and no line of TOML or a docstring."""
    return " ".join(text.replace("\\", " ").replace('"', " ").split())


def _form_field(one: Input) -> str:
    """Return a field of a form. A text that is empty in the notebook must be filled in."""
    more = "required=True" if one.value == "" else f"default={one.value!r}"
    most = LONGEST_TEXT if one.is_long else LONGEST_LINE
    limit = f", limit={most}" if isinstance(one.value, str) else ""
    return f"Field({one.name!r}, {one.type!r}, {more}{limit}, label={one.label or one.name!r})"


def _argument(one: Input) -> str:
    """Return an argument of a job: a field of an earlier form, or what an earlier job returned."""
    limit = f", limit={LONGEST_ARGUMENT}" if isinstance(one.value, str | None) else ""
    return f"Field({one.name!r}, {one.type!r}{limit}, label={one.label or one.name!r})"


def _job(step: Planned) -> str:
    return f"Job({step.id!r}, {step.title!r}, {_tuple(map(_argument, step.inputs))})"


def _step(step: Planned) -> str:
    parts = [repr(step.id), repr(step.title), repr(step.about)]
    if step.cell.tag == "inputs":
        parts.append(f"fields={_tuple(map(_form_field, step.inputs))}")
    elif step.cell.tag == "job":
        arguments = {name: f"{{{place}}}" for name, place in step.sources.items()}
        parts += [f"job={step.id.upper()}", f"arguments={arguments!r}"]
    else:
        parts.append(f"{step.cell.tag}={step.text!r}")
    return f"Step({_lines(parts)})"


def _tuple(parts: Iterable[str]) -> str:
    return f"({_lines(parts)})"


def _lines(parts: Iterable[str]) -> str:
    """Return parts, each on a line of its own; "" for none."""
    inside = "".join(f"{textwrap.indent(part, '    ')},\n" for part in parts)
    return f"\n{inside}" if inside else ""


def _function(step: Planned) -> str:
    types = {one.name: "Any" if one.value is None else type(one.value).__name__ for one in step.inputs}
    given = "".join(f", {name}: {type_}" for name, type_ in types.items())
    returned = ", ".join(f"{name!r}: {name}" for name in step.returns)
    body = _indented(step.cell.text)
    documented = f'    """{_plain(step.title)}."""\n' if step.title else ""
    return f"async def {step.id}(progress: Progress{given}) -> Row:\n{documented}{body}\n    return {{{returned}}}"


def _indented(source: str) -> str:
    """Return code one level deeper. Lines inside of a text of several lines stay as they are: they are its value."""
    kept: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno and node.end_lineno > node.lineno:
            kept |= set(range(node.lineno + 1, node.end_lineno + 1))
    lines = enumerate(source.splitlines(), 1)
    return "\n".join(line if number in kept or not line.strip() else f"    {line}" for number, line in lines)
