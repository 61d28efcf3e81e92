"""The run that a command is about, as it is now, and the form that came with the command."""

from dataclasses import dataclass
from typing import Any

from apps.tables import Row
from apps.work.runs import RUN, held_in
from apps.work.workflows import Step, Workflow
from bus.errors import Refused
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command

FIELD = "field-"
"""The names of the form's inputs begin so, that they cannot be taken for the command's own fields."""
MOST_SHOWN = 2_000
"""Characters of what the user typed that a sentence repeats."""


@dataclass(frozen=True, slots=True)
class Current:
    """A run with its workflow."""

    run: Row
    workflow: Workflow
    app: str
    """The app that declares the workflow."""

    @property
    def title(self) -> str:
        """The run's title in quotation marks."""
        return f"“{self.run['title']}”"

    @property
    def step(self) -> Step:
        """The current step; raises `BadCommand` if there is none."""
        step = self.workflow.step(self.run["step"])
        if step is None:
            raise BadCommand(f"All steps of {self.title} are done. Go back to one to change it.")
        return step


async def current(command: Command) -> Current:
    """Return the run that a command names; raise `BadCommand` if there is none, or nothing can be done with it."""
    key = command.text("run")
    try:
        answer = await ask_store(command.hub.bus, StoreOrder(verb="get", table=RUN.name, id=key))
    except Refused as refused:
        if refused.code != "not_found":
            raise
        raise BadCommand(
            f"There is no run {key!r:.60} (any more). If it was deleted, the journal brings it back.{typed_of(command)}"
        ) from None
    run = answer.rows[0]
    registry = command.hub.registry
    app = registry.app_of_workflow(run["workflow"])
    if app is None:
        raise BadCommand(
            f"The workflow {run['workflow']!r:.60} of “{run['title']}” is not installed. Its data is kept."
        )
    return Current(run, registry.workflows[run["workflow"]], app.name)


async def open_step(command: Command) -> tuple[Current, Step]:
    """Return the run and its current step; raise `BadCommand` if the command was made for another state of it."""
    now = await current(command)
    run, wanted = now.run, command.text("step")
    if run["finalised"]:
        raise BadCommand(f"{now.title} is finalised, so nothing in it changes. Reopen it first.{typed_of(command)}")
    asked = now.workflow.step(wanted)
    if asked is None:
        known = ", ".join(one.id for one in now.workflow.steps)
        raise BadCommand(f"{now.title} has no step {wanted!r:.60}. There are: {known}.{typed_of(command)}")
    if wanted in run["data"]:
        raise done_already(now, asked, command)
    if wanted != run["step"]:
        first = f"First finish “{now.step.title}”"
        raise BadCommand(f"The step “{asked.title}” of {now.title} comes later. {first}.{typed_of(command)}")
    if command.number("turn") != run["turn"]:
        raise BadCommand(f"{now.title} was changed in another tab. Look at it, and try again.{typed_of(command)}")
    return now, asked


def done_already(now: Current, step: Step, command: Command) -> BadCommand:
    """Return the error for a step that was finished before. Only a text that it does not hold is repeated."""
    held = {str(value) for value in held_in(now.run, step.id).values()}
    typed = "" if longest_typed(command) in held else typed_of(command)
    return BadCommand(f"The step “{step.title}” is finished already. To change it, go back to it.{typed}")


async def change(command: Command, run: Row, values: Row, step: str = "", **more: Any) -> None:
    """Change a run, if it is still in the same turn and not locked. `more`: goes into the order."""
    where = {"turn": run["turn"], "finalised": run["finalised"]}
    try:
        await command.order(step, verb="update", table=RUN.name, id=run["id"], values=values, where=where, **more)
    except Refused as refused:
        raise changed_meanwhile(command, run, refused) from None


def changed_meanwhile(command: Command, run: Row, refused: Refused) -> Exception:
    """Return the error for an order that was refused: in the user's words if the run was changed meanwhile."""
    if refused.code != "conflict":
        return refused
    return BadCommand(f"“{run['title']}” was changed at the same moment. Look at it, and try again.{typed_of(command)}")


async def newest_change(command: Command) -> int:
    """Return the revision of the newest change of the run that a command names; 0 for none.

    It is read before the run: then two commands at once either have the same one, or the second one sees what the
    first one did.
    """
    where = {"subject": RUN.name, "row": [command.text("run")]}
    order = StoreOrder(verb="list", table="change", where=where, sort="-id", limit=1)
    rows = (await ask_store(command.hub.bus, order)).rows
    return int(rows[0]["id"]) if rows else 0


# --- the form ---


def typed(command: Command) -> Row:
    """Return the values of the form by field, as the page sent them: texts, or lists of texts."""
    return {name.removeprefix(FIELD): value for name, value in command.values.items() if name.startswith(FIELD)}


def longest_typed(command: Command) -> str:
    """Return the longest text of the form."""
    return max((str(value) for value in typed(command).values() if isinstance(value, str)), key=len, default="")


def typed_of(command: Command) -> str:
    """Return the longest text that the user wrote, as a part of a sentence, so that it is not lost; "" for none."""
    text = longest_typed(command).strip()[:MOST_SHOWN]
    return f" Your text: {text}" if text else ""
