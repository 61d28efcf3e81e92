"""Check what is proposed for the step of a workflow against the step as it is now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from apps.types.reader import HERE, Reader
from apps.work.runs import RUN
from apps.work.workflows import Workflow
from services.agent.act.planned import PlannedChange
from services.agent.act.planner import WrongInstruction
from services.agent.parse.arguments import BadInstruction
from services.agent.parse.drafts import fitting_proposal

NO_STEP = "The run “{title}” has no step that could be filled in."


def checked_drafts(
    plan: Sequence[PlannedChange], workflows: Mapping[str, Workflow], reader: Reader = HERE
) -> list[PlannedChange]:
    """Return the plan; a proposal for a step is for that step alone, and refused when the user has gone on.

    `reader`: whose words the model has heard.
    """
    return [_checked(one, workflows, reader) if one.step.table is RUN and one.before else one for one in plan]


def _checked(planned: PlannedChange, workflows: Mapping[str, Workflow], reader: Reader) -> PlannedChange:
    run, order = planned.before, planned.step.order
    workflow = workflows.get(run["workflow"])
    step = workflow.step(run["step"]) if workflow else None
    if planned.step.operation != "update" or order is None:
        return planned
    if step is None or run["finalised"]:
        raise WrongInstruction(planned.index, NO_STEP.format(title=run["title"]))
    try:
        proposed = fitting_proposal(order.values["proposed"], step.form, step.title, reader)
    except BadInstruction as problem:
        raise WrongInstruction(planned.index, str(problem)) from problem
    where = {"step": run["step"], "turn": run["turn"], "finalised": False}
    values = {"proposed": {**(run["proposed"] or {}), **proposed}}
    return replace(planned, step=replace(planned.step, order=replace(order, values=values, where=where)))
