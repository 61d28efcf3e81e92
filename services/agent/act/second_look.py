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
from services.agent.grounding.sentences import without_quotations
from services.agent.grounding.support import CORRECTED, MOVED, NEW_ROW, NO_ORDER, NOT_NAMED, OTHER_NAMED, REPEATS
from services.agent.grounding.vocabulary import ALL, ARTICLES, NEW, PRONOUNS
from services.agent.grounding.words import words_of
from services.agent.limits import MAX_ROUNDS
from services.agent.prompt.describe import one_line
from services.agent.prompt.row_lines import quoted
from services.agent.prompt.talk import shorten

IDLE = """\
Nothing was done, because these words do not ask for it. Answer them in one or two sentences, without an instruction:
{question}"""
ABSENT = """\
Nothing was done, because these words name no row of {table}. Answer them in one or two sentences, without an \
instruction: say that you do not see such a row, or ask what is meant.
{question}"""
AGAIN = """\
Nothing was done, because {reasons}. Write the instruction again, with that put right. The user's words were:
{question}"""
MAX_CHANGES = 50
"""Changes of a reply; a flood of them is asked about as it is."""
MAX_QUESTION = 500
"""Bytes of the user's words that are said again."""
NAMES_NONE = "it is not clear which row the user means"
NAMES = "the user's words name {rows}"
NAMES_NEW = "the user's words name no row that is there: if they ask for a new one, insert it"
SO_ALREADY = "the row is so already: perhaps another value, another row or a new one is meant"
CORRECTS = "the user corrects the row with the id {row} of {table}: update that one"
IN_WORDS = {
    MOVED: "the user asked to move a row: use sort",
    REPEATS: "the user's words are an order: to add something, insert a row with that thing alone as its title",
}
"""Reasons that the model is told in other words than the user."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What the model is told. `is_idle`: the words ask for no change, or for one of a row that is not there."""

    text: str
    is_idle: bool


def objection(row: Row, plan: Sequence[PlannedChange], case: Case) -> Objection | None:
    """Return why the model is asked to look again; None if a change is supported, or if it has looked again already.

    `row`: the reply, which contains no other instructions. Models that call tools are large, and are not asked, nor
    are players of our own, which were not taught it.
    """
    detail = row["detail"] or {}
    is_asked_once = detail.get("looked") or detail.get("round", 0) >= MAX_ROUNDS
    if (
        is_asked_once
        or detail.get("calls")
        or detail.get("form")
        or not case.question
        or not 0 < len(plan) <= MAX_CHANGES
    ):
        return None
    question = shorten(case.question, MAX_QUESTION)
    if all(_changes_nothing(planned) for planned in plan):
        return Objection(AGAIN.format(reasons=SO_ALREADY, question=question), is_idle=False)
    reasons = [unsupported(planned, case) for planned in plan]
    if not all(reasons) or any((planned.source or planned.step) in case.quoted for planned in plan):
        return None
    words, named = words_of(case.question), _named(case)
    if NOT_NAMED in reasons and not ALL.isdisjoint(words):
        return None  # “delete both”: the rows are meant together, and have no names
    if not case.wish.orders or (not named and set(reasons) <= {NO_ORDER, NEW_ROW}):
        return Objection(IDLE.format(question=question), is_idle=True)
    if not named and set(reasons) <= {NOT_NAMED, OTHER_NAMED} and (PRONOUNS - ARTICLES).isdisjoint(words):
        return _no_such_row(plan[0].table_name, words, question)
    said = ", and ".join(dict.fromkeys(_in_words(reason, named, case) for reason in reasons))
    return Objection(AGAIN.format(reasons=said, question=question), is_idle=False)


def _changes_nothing(planned: PlannedChange) -> bool:
    """Return whether a row has the values already that it would get. Ticks are not meant: people tick twice."""
    step = planned.step
    if step.operation != "update" or step.table is None or step.order is None or step.work or step.shapes:
        return False
    kinds = {one.name: one.kind for one in step.table.fields}
    ticks = all(name in kinds and kinds[name].is_switch for name in step.order.values)
    return planned.changes_nothing and not ticks


def _no_such_row(table: str, words: Sequence[str], question: str) -> Objection:
    """Return what is said about a change of a row that the words do not name: perhaps they ask for a new one."""
    if NEW.isdisjoint(words):
        return Objection(ABSENT.format(table=table, question=question), is_idle=True)
    return Objection(AGAIN.format(reasons=NAMES_NEW, question=question), is_idle=False)


def _named(case: Case) -> str:
    """Return the rows that the words name, of all tables that are shown to the model; "" for none."""
    text = without_quotations(case.question)
    found = []
    for table in case.tables:
        rows = case.known.rows.get(table.name, ())
        keys = named_rows(text, rows, table).clearly
        titles = [f"id {one['id']} {quoted(one_line(title_of(one, table)))}" for one in rows if one["id"] in keys]
        found += [f"{', '.join(titles)} of {table.name}"] if titles else []
    return " and ".join(found)


def _in_words(reason: str, named: str, case: Case) -> str:
    """Return what is wrong with a change, as the model is told."""
    if reason in IN_WORDS:
        return IN_WORDS[reason]
    if reason == CORRECTED:
        table, row = case.known.last
        return CORRECTS.format(row=row, table=table)
    if reason in (NOT_NAMED, OTHER_NAMED, NO_ORDER, NEW_ROW):
        return NAMES.format(rows=named) if named else NAMES_NONE
    said = f"{reason[0].lower()}{reason[1:].rstrip('.')}".replace("you ", "the user ", 1)
    return f"{said}: change that row, if it is meant" if said.endswith("already") else said
