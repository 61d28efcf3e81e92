"""The outcome of a reply, and whether it is right, missed, or wrong."""

from dataclasses import dataclass
from typing import Any, Literal

from apps.tables import Row
from bench.piano.corpus import Case
from services.agent.parse.instructions import Step
from services.agent.parse.reply import read_instructions

Verdict = Literal["right", "missed", "wrong"]
"""`missed`: too little is done, or the model is not corrected; `wrong`: something is done that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The orders that would be carried out, and the corrections that the model would get."""

    verdict: Verdict
    orders: list[tuple[Any, ...]]
    corrections: list[str]


def outcome_of(case: Case) -> Outcome:
    """Run a case as the agent does: with one wrong instruction, nothing is done."""
    found = read_instructions(case.text, case.calls, case.scope)
    corrections = [one.problem for one in found if one.problem]
    orders = [] if corrections else [orders_of(one.step) for one in found if one.step]
    return Outcome(verdict(case, orders, corrections), orders, corrections)


def verdict(case: Case, orders: list[tuple[Any, ...]], corrections: list[str]) -> Verdict:
    """Compare with the correct outcome."""
    if any(order not in case.orders for order in orders):
        return "wrong"
    told = bool(case.correction) and any(case.correction in one for one in corrections)
    as_told = told if case.correction else not corrections
    return "right" if orders == case.orders and as_told else "missed"


def orders_of(step: Step) -> tuple[Any, ...]:
    """Return a step in the form of the corpus."""
    order = step.order
    if order is None:
        return ("open", step.app)
    match order.verb:
        case "insert":
            return ("insert", order.table, without_profile(order.values))
        case "list":
            return ("list", order.table, without_profile(order.where))
        case "search":
            return ("search", order.table, order.values["text"])
        case "update":
            return ("update", order.table, order.id, order.values, order.where)
        case "toggle":
            return ("toggle", order.table, order.id, order.values["field"])
        case "sort":
            return ("sort", order.table, order.id, order.values["after"])
    return (order.verb, order.table, order.id, order.where)


def without_profile(values: Row) -> Row:
    """Return the values without the profile, which the agent adds."""
    return {name: value for name, value in values.items() if name != "profile"}
