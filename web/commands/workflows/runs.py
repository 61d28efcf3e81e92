"""Whole runs: begin one, go back to a step, lock and unlock it."""

from fastcore.xml import FT

from apps.tables import Row
from apps.work.runs import RUN, begun, cleared_by, gone_back, new_key
from apps.work.workflows import Step
from bus.messages import StoreOrder
from bus.store_client import ask_store
from web.commands.command import BadCommand, Command
from web.commands.workflows.current import Current, change, current
from web.html.parts.dialogs import dialog, draw_dialog
from web.html.parts.elements import Button, Footer, P, command_button
from web.live.outbox import Frame
from web.state.page_view import profile_in
from web.state.window import AppWindow

APP = "workflows"
"""The app whose page shows runs."""
MOST_COMPARED = 200
"""Runs, the newest, whose titles a new one must not have."""


async def begin(command: Command) -> None:
    """Begin a run, and show it in this tab."""
    name, workflows = command.text("workflow"), command.hub.registry.workflows
    if name not in workflows:
        known = ", ".join(workflows) or "none"
        raise BadCommand(f"There is no workflow {name!r:.60}. There are: {known}.")
    scope = {"profile": profile_in(command.hub.shared.settings)}
    runs = await ask_store(command.hub.bus, newest_runs(scope | {"workflow": name}))
    values = begun(workflows[name], [run["title"] for run in runs.rows]) | scope
    rows = await command.order(verb="insert", table=RUN.name, id=new_key(name), values=values)
    show(command, rows[0]["id"])


def newest_runs(where: Row) -> StoreOrder:
    """Return the order that lists runs, the newest first."""
    return StoreOrder(verb="list", table=RUN.name, where=where, sort="-created", limit=MOST_COMPARED)


def show(command: Command, key: str) -> None:
    """Show a run in this tab."""
    command.tab.window = AppWindow(APP, query=f"run={key}")
    command.tab.refresh("app")


async def back(command: Command) -> None:
    """Go back to a step. If that clears later ones, ask first, and name them."""
    now = await current(command)
    step = wanted(now, command)
    if command.number("turn") != now.run["turn"]:
        raise BadCommand(f"{now.title} was changed in another tab. Look at it, and try again.")
    cleared = cleared_by(now.workflow, now.run, step.id)
    typed = bool(now.run["draft"] or now.run["proposed"])
    if (cleared or typed) and command.values.get("agreed") != "yes":
        command.tab.push(Frame(draw_dialog(question(now, step, cleared))))
        return
    await change(command, now.run, gone_back(now.workflow, now.run, step.id))


def wanted(now: Current, command: Command) -> Step:
    """Return the step to go back to; raise `BadCommand` if that is not possible."""
    name = command.text("to")
    step = now.workflow.step(name)
    if step is None:
        known = ", ".join(one.id for one in now.workflow.steps)
        raise BadCommand(f"{now.title} has no step {name!r:.60}. There are: {known}.")
    if now.run["finalised"]:
        raise BadCommand(f"{now.title} is finalised. Reopen it before you change the step “{step.title}”.")
    if name not in now.run["data"]:
        raise BadCommand(f"The step “{step.title}” of {now.title} is not finished, so there is no way back to it.")
    return step


def question(now: Current, step: Step, cleared: list[Step]) -> FT:
    """Return the dialog that names what is lost on the way back."""
    names = [f"“{one.title}”" for one in cleared]
    running = now.workflow.step(now.run["step"])
    if running and (now.run["draft"] or now.run["proposed"]):
        names.append(f"what stands in “{running.title}”")
    values = {"run": now.run["id"], "turn": now.run["turn"], "to": step.id, "agreed": "yes"}
    return dialog(
        "workflow-back",
        f"Go back to “{step.title}”?",
        P(f"This clears {', '.join(names)}. The journal can take it back."),
        Footer(
            command_button("Go back", "workflow-back", cls="danger", **values),
            Button("Stay here", type="button", autofocus=True, data_close=True),
            cls="tools",
        ),
    )


async def finalise(command: Command) -> None:
    """Lock a run whose steps are done."""
    now = await current(command)
    if now.run["finalised"]:
        raise BadCommand(f"{now.title} is finalised already.")
    if now.run["step"]:
        raise BadCommand(f"{now.title} is not complete: first finish “{now.step.title}”.")
    await change(command, now.run, {"finalised": True})


async def reopen(command: Command) -> None:
    """Unlock a run."""
    now = await current(command)
    if not now.run["finalised"]:
        raise BadCommand(f"{now.title} is open already.")
    await change(command, now.run, {"finalised": False})
