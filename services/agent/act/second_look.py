"""The model is asked to look again, once, when the user's words support none of the changes in its reply. Pure.

Small models answer small talk with a change, or take a wrong row or value, and mend that when they are told. What they
write then is checked as everything is, and proposed if the words do not support it either.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.tables import Row
from services.agent.act.consent import Case, unsupported
from services.agent.act.planned import PlannedChange
from services.agent.grounding.rows import named_rows, title_of
from services.agent.grounding.support import NO_ORDER, NOT_NAMED, OTHER_NAMED
from services.agent.limits import MAX_ROUNDS
from services.agent.prompt.describe import one_line
from services.agent.prompt.row_lines import quoted
from services.agent.prompt.talk import shorten

IDLE = """\
Nothing was done, because these words ask for no change. Answer them in one or two sentences, without an instruction:
{question}"""
AGAIN = """\
Nothing was done, because {reasons}. Write the instruction again, with that put right. If a row is meant that is not \
there, say so. The user's words were:
{question}"""
MAX_QUESTION = 500
"""Bytes of the user's words that are said again."""
NAMES_NONE = "the user's words name no row of {table}"
NAMES_OTHERS = "the user's words name {rows} of {table}"


@dataclass(frozen=True, slots=True)
class Objection:
    """What the model is told. `is_idle`: the words ask for no change at all."""

    text: str
    is_idle: bool


def objection(row: Row, plan: Sequence[PlannedChange], case: Case) -> Objection | None:
    """Return why the model is asked to look again; None if a change is supported, or if it has looked again already.

    `row`: the reply, which contains no other instructions. Models that call tools are large, and are not asked.
    """
    detail = row["detail"] or {}
    is_asked_once = detail.get("looked") or detail.get("round", 0) >= MAX_ROUNDS
    if is_asked_once or detail.get("calls") or not plan or not case.question:
        return None
    reasons = [unsupported(planned, case) for planned in plan]
    if not all(reasons) or any((planned.source or planned.step) in case.quoted for planned in plan):
        return None
    question = shorten(case.question, MAX_QUESTION)
    if all(reason == NO_ORDER for reason in reasons):
        return Objection(IDLE.format(question=question), is_idle=True)
    said = dict.fromkeys(_in_words(planned, reason, case) for planned, reason in zip(plan, reasons, strict=True))
    return Objection(AGAIN.format(reasons=", and ".join(said), question=question), is_idle=False)


def _in_words(planned: PlannedChange, reason: str, case: Case) -> str:
    """Return what is wrong with a change, and which rows the words name instead."""
    table = planned.step.table
    if table is None or reason not in (NOT_NAMED, OTHER_NAMED):
        return f"{reason[0].lower()}{reason[1:].rstrip('.')}".replace("you ", "the user ", 1)
    rows = case.known.rows.get(table.name, ())
    named = named_rows(case.question, rows, table).clearly
    titles = [f"id {one['id']} {quoted(one_line(title_of(one, table)))}" for one in rows if one["id"] in named]
    if not titles:
        return NAMES_NONE.format(table=table.name)
    return NAMES_OTHERS.format(rows=", ".join(titles), table=table.name)
