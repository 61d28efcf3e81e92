"""What follows a reply: a further step of the model, or rows that are shown to the user by us. Pure."""

import json

from apps.tables import Row
from services.agent.limits import MAX_RETRIES, MAX_ROUNDS
from services.agent.parse.instructions import Step
from services.agent.prompt.describe import value_text
from services.agent.prompt.feedback import Feedback, Found

SHOWN = "The model read this again and again, so here is what it read:"
NOTHING_SHOWN = "The model read this again and again. There is nothing in it."


def next_step(row: Row, feedback: Feedback, owners: list[int]) -> Row | None:
    """Return the values of the row in which the model goes on; None if it has nothing to do or no rounds left."""
    detail = row["detail"] or {}
    if detail.get("form") and not _player_goes_on(row, feedback):
        return None
    rounds, retries = detail.get("round", 0) + 1, detail.get("retries", 0) + bool(feedback.problems)
    calls = detail.get("calls") or []
    owes_words = bool(calls) and not row["text"].strip() and not feedback.found
    goes_on = retries <= MAX_RETRIES if feedback.problems else feedback.read or owes_words or bool(feedback.objection)
    if rounds > MAX_ROUNDS or not goes_on:
        return None
    step_detail: Row = {"round": rounds, "retries": retries, "feedback": feedback.text}
    looked = detail.get("looked") or bool(feedback.objection)
    first = row["id"] if feedback.objection and not feedback.is_idle else feedback.problems and detail.get("first")
    more = (
        ("by", detail.get("by")),
        ("changed", feedback.changed),
        ("reads", feedback.reads),
        ("looked", looked),
        ("first", first),
    )
    step_detail |= {name: value for name, value in more if value}
    if calls:
        step_detail["results"] = feedback.of_calls(calls, owners)
    if feedback.problems and not calls:
        step_detail["repair"] = True
    return _message(row, "streaming", "", step_detail)


def _player_goes_on(row: Row, feedback: Feedback) -> bool:
    """Return whether a player of our own is asked again: once, with the rows that it read, if it did nothing else.

    It was not taught to mend what it wrote, and what it did once it would do again.
    """
    only_read = feedback.read and len(feedback.found) == len(feedback.texts)
    return only_read and not (row["detail"] or {}).get("round")


def rows_for_user(row: Row, feedback: Feedback) -> Row | None:
    """Return the values of a message with the rows that the model has read, when it does not go on; None for none."""
    if feedback.problems or not feedback.found or (feedback.changed and (row["detail"] or {}).get("form")):
        return None
    lines = [line for step, found in feedback.found for line in _lines(step, found)]
    text = "\n".join([SHOWN, "", *lines]) if lines else NOTHING_SHOWN
    return _message(row, "done", text, {"round": (row["detail"] or {}).get("round", 0) + 1})


def read_name(step: Step) -> str:
    """Return a name for what a step reads: the same for the same rows."""
    order = step.order
    parts = (order.verb, order.table, order.id, order.where, order.values, order.offset) if order else ()
    return json.dumps(parts, sort_keys=True, default=str)


def _lines(step: Step, found: Found) -> list[str]:
    """Return rows as a list in Markdown."""
    if step.table is None or found.problem:
        return [f"- {found.problem}"] if found.problem else []
    fields = [one for one in step.table.fields if not one.kind.set_by_store]
    title = next((one.name for one in fields if one.kind.is_text), "")
    lines = []
    for row in found.rows:
        rest = [f"{one.called}: {value_text(row.get(one.name))}" for one in fields if one.name != title]
        lines.append(f"- {value_text(row.get(title, ''))} ({', '.join(rest)})" if rest else f"- {row.get(title, '')}")
    return [*lines, "- …"] if found.more else lines


def _message(row: Row, state: str, text: str, detail: Row) -> Row:
    return {
        "conversation": row["conversation"],
        "role": "assistant",
        "purpose": "step",
        "state": state,
        "text": text,
        "reply_to": row["reply_to"],
        "attempt": 1,
        "detail": detail,
    }
