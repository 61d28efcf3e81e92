"""The plan of a workflow: what each cell becomes, and which earlier step each name comes from. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from apps.names import problem_of_table
from apps.notebooks.cells import BadNotebook, Cell
from apps.notebooks.code import Input, definitions_of, inputs_of, names_of

HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A name of an earlier cell, in the text of a prompt or a result."""
OF_RUN = {"run_title": "run.title", "run_day": "run.day"}
TITLES = {"inputs": "What is needed", "prompt": "Draft", "job": "Work", "result": "Result"}
"""Titles of steps without a heading above them."""
LONGEST_ABOUT = 1_000


@dataclass(frozen=True, slots=True)
class Planned:
    """A step. `cell`: what it is made from; its tag is the kind of the step."""

    cell: Cell
    id: str
    title: str
    about: str
    inputs: tuple[Input, ...] = ()
    """Fields of a form; of a job: its arguments, as their values stand before the run."""
    sources: dict[str, str] = field(default_factory=dict)
    """Of a job: the place of each argument, `step.name`."""
    returns: tuple[str, ...] = ()
    """Of a job: the names that it returns, because later cells use them."""
    text: str = ""
    """Template of a prompt or a result, with the places of the workflow."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A workflow, and the code that its jobs share."""

    name: str
    title: str
    about: str
    setup: str
    steps: tuple[Planned, ...]


def planned(name: str, cells: Sequence[Cell]) -> Plan:
    """Return the plan of a workflow, or raise `BadNotebook`. `name`: of the workflow."""
    title, about, cells = _head(name, cells)
    setup = [one for one in cells if one.tag == "setup"]
    shared = {defined for one in setup for defined in definitions_of(one)}
    for one in setup:
        _refuse_unknown(one, shared)
    steps = _steps([one for one in cells if one.tag != "setup"])
    if not steps:
        raise BadNotebook("the notebook has no step: give cells the tags inputs, prompt, job or result.")
    linked = _linked(steps, shared)
    return Plan(name, title, about, "\n\n\n".join(one.text for one in setup), tuple(_with_returns(linked)))


def _refuse_unknown(setup: Cell, shared: set[str]) -> None:
    """Refuse a setup that uses what only a step knows: it would fail when the job runs."""
    names = names_of(setup)
    if missing := sorted(names.used - names.bound - shared):
        remedy = f"Give `{missing[0]}` to the function as an argument."
        raise setup.bad(f"it uses `{missing[0]}`, which no cell with the tag setup makes. {remedy}")


def _head(name: str, cells: Sequence[Cell]) -> tuple[str, str, Sequence[Cell]]:
    """Return title and words of the workflow, from the first cell if it tells something, and the other cells."""
    if not cells or cells[0].tag or not (told := _told(cells[0].text))[0]:
        return name.replace("_", " ").capitalize(), "", cells
    return told[0], told[1], cells[1:]


def _told(text: str) -> tuple[str, str]:
    """Return the first heading of a text, and the rest in one paragraph."""
    heading = HEADING.search(text)
    rest = text.replace(heading[0], "", 1) if heading else text
    return heading[1] if heading else "", " ".join(rest.split())[:LONGEST_ABOUT]


def _steps(cells: Iterable[Cell]) -> list[Planned]:
    steps: list[Planned] = []
    title = about = ""
    for cell in cells:
        if not cell.tag:
            heading, words = _told(cell.text)
            title, about = heading or title, f"{about} {words}".strip()
            continue
        title = title or TITLES[cell.tag]
        taken = {one.id for one in steps}
        inputs = tuple(inputs_of(cell)) if cell.tag == "inputs" else ()
        steps.append(Planned(cell, _id_of(title, cell, taken), title, about, inputs))
        title = about = ""
    return steps


def _id_of(title: str, cell: Cell, taken: set[str]) -> str:
    """Return the id of a step: its title in letters that an id may have."""
    made = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:30].strip("_")
    if not made or made == "run" or problem_of_table(made):
        made = f"{cell.tag}_{cell.number}"
    return made if made not in taken else f"{made}_{cell.number}"


@dataclass(frozen=True, slots=True)
class Known:
    """A name that an earlier cell has made. `place`: as templates of the workflow say it."""

    place: str
    number: int
    one: Input
    """As a field of a form; of what a job made, the type is not known."""


def _linked(steps: Sequence[Planned], shared: set[str]) -> list[Planned]:
    """Return the steps with the places of the names that they use. `shared`: names that the setup defines."""
    known: dict[str, Known] = {}
    linked = []
    for step in steps:
        linked.append(_link(step, known, shared))
        for name, one in _made(step).items():
            if name in known and step.cell.tag != "job":
                raise step.cell.bad(f"the name `{name}` is taken by cell {known[name].number}. Choose another one.")
            known[name] = one
    return linked


def _link(step: Planned, known: dict[str, Known], shared: set[str]) -> Planned:
    if step.cell.tag == "job":
        names = names_of(step.cell)
        if missing := sorted(names.used - names.bound - shared - known.keys()):
            raise step.cell.bad(f"it uses `{missing[0]}`, which no cell before it makes. {_remedy(missing[0])}")
        used = sorted(names.used & known.keys())
        given = tuple(known[one].one for one in used)
        return replace(step, inputs=given, sources={one: known[one].place for one in used})
    if step.cell.tag in ("prompt", "result"):
        return replace(step, text=_template(step.cell, {name: one.place for name, one in known.items()}))
    return step


def _made(step: Planned) -> dict[str, Known]:
    """Return the names that later cells may use of a step."""
    number = step.cell.number
    if step.cell.tag == "job":
        return {name: Known(f"{step.id}.{name}", number, Input(name, None)) for name in names_of(step.cell).made}
    if step.cell.tag == "prompt":
        return {step.id: Known(f"{step.id}.text", number, Input(step.id, ""))}
    return {one.name: Known(f"{step.id}.{one.name}", number, one) for one in step.inputs}


def _remedy(name: str) -> str:
    return f"Make `{name}` in a cell with the tag inputs or job, or import it in one with the tag setup."


def _template(cell: Cell, places: dict[str, str]) -> str:
    """Return the text of a cell with the places of the workflow."""

    def place(found: re.Match[str]) -> str:
        name = found[1]
        if name not in places and name not in OF_RUN:
            known = ", ".join((*places, *OF_RUN))
            raise cell.bad(f"it says {found[0]}, which no cell before it makes. Possible here: {known}.")
        return f"{{{places.get(name) or OF_RUN[name]}}}"

    return PLACE.sub(place, cell.text)


def _with_returns(steps: Sequence[Planned]) -> Iterable[Planned]:
    """Yield the steps; each job returns what others use of it."""
    for step in steps:
        if step.cell.tag != "job":
            yield step
            continue
        wanted = {source for one in steps for source in one.sources.values()}
        wanted |= {found for one in steps for found in re.findall(r"\{(\w+\.\w+)\}", one.text)}
        returns = tuple(name for name in names_of(step.cell).made if f"{step.id}.{name}" in wanted)
        yield replace(step, returns=returns)
