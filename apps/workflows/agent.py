"""What the assistant knows about workflows."""

from apps.hookspecs import hook
from bus.messages import StoreChanged


@hook
def prompt() -> str:
    """Return the prompt about runs and their current step."""
    return (
        "The user goes through workflows step by step. A row of `workflow_run` is one run: `step` is the step in view, "
        "`data` what earlier steps hold, `draft` what the user has filled in so far. To propose what to fill in, set "
        "`proposed` to a map of the step's fields to values; the user takes it over or not. Nothing else of a run can "
        "be written: only the user finishes a step."
    )


@hook
def worth_a_comment(fact: StoreChanged) -> str:
    """Return a sentence for a run that was finalised; "" for all else."""
    finalised = fact.verb == "update" and fact.row["finalised"] and not fact.before.get("finalised", True)
    return f"finished “{fact.row['title']}”" if finalised else ""
