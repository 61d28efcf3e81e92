"""What the changes of a reply become where the user's words leave only one meaning. Pure.

Small models take the right row, and miss the rest: they move it elsewhere than was said, or flip a tick that is there
already when they are told that something is done. Of a new row they fill in all fields, with its title once more.
"""

from collections.abc import Sequence
from dataclasses import replace

from apps.tables import Field
from services.agent.act.planned import PlannedChange
from services.agent.grounding.places import places_said
from services.agent.grounding.rows import title_of
from services.agent.grounding.sentences import Wish
from services.agent.grounding.support import Known
from services.agent.grounding.vocabulary import COURTESY, FINISHED, FLIP, NOT_DONE, OPEN, SMALL_WORDS
from services.agent.grounding.words import words_of


def as_said(plan: Sequence[PlannedChange], wish: Wish, known: Known) -> list[PlannedChange]:
    """Return the plan with rows moved to the only place that was said, and with no tick taken away by the way.

    What a new row would say twice is left out; so is, if something else is changed, what is so already, and a new row
    that is there.
    """
    told = [_said_once(_ticked(_placed(one, wish, known), wish), wish) for one in plan]
    return [one for one in told if not _is_idle(one, told)] or told


def _is_idle(planned: PlannedChange, plan: Sequence[PlannedChange]) -> bool:
    """Return whether a change sets what is so already, or adds a row that another change of the plan only moves."""
    step = planned.step
    if step.operation == "update":
        return not step.work and not step.shapes and planned.changes_nothing
    if step.operation != "insert" or step.table is None or step.order is None:
        return False
    title = title_of(step.order.values, step.table).casefold()
    moved = [one for one in plan if one.step.operation == "sort" and one.table_name == planned.table_name]
    return any(one.before and _has(one, title) for one in moved)


def _has(planned: PlannedChange, title: str) -> bool:
    table = planned.step.table
    return table is not None and title_of(planned.before, table).casefold() == title


def _placed(planned: PlannedChange, wish: Wish, known: Known) -> PlannedChange:
    """Return a move to the place that was said, if the words leave only one."""
    step = planned.step
    if step.operation != "sort" or step.table is None or step.order is None or not planned.before:
        return planned
    places = places_said(wish.orders, planned.before["id"], known.rows.get(step.table.name, ()), step.table)
    if len(places) != 1 or step.order.values["after"] in places:
        return planned
    values = step.order.values | {"after": next(iter(places))}
    return replace(planned, step=replace(step, order=replace(step.order, values=values)))


def _ticked(planned: PlannedChange, wish: Wish) -> PlannedChange:
    """Return a flip of a tick that is there as the order to have one, unless the words speak of taking it away."""
    step = planned.step
    if step.operation != "toggle" or step.order is None:
        return planned
    name = step.order.values["field"]
    if planned.before.get(name) is not True or _takes_away(words_of(wish.orders)):
        return planned
    order = replace(step.order, verb="update", values={name: True})
    return replace(planned, step=replace(step, operation="update", order=order))


def _takes_away(words: Sequence[str]) -> bool:
    """Return whether words speak of taking a tick away; "what is still open is done now" does not."""
    told = (FLIP | NOT_DONE).intersection(words)
    return bool(told - OPEN) or bool(told and FINISHED.isdisjoint(words))


def _said_once(planned: PlannedChange, wish: Wish) -> PlannedChange:
    """Return a new row without notes and tags that only repeat its title or the whole message.

    They stay where the words speak of notes or tags.
    """
    step = planned.step
    if step.operation != "insert" or step.table is None or step.order is None:
        return planned
    values = step.order.values
    title = {*words_of(title_of(values, step.table)), *COURTESY, *SMALL_WORDS}
    again = [
        one.name
        for one in step.table.fields
        if one is not step.table.title_field
        and values.get(one.name)
        and _repeats(one, words_of(one.kind.in_words(values[one.name])), title, wish)
    ]
    left = {name: value for name, value in values.items() if name not in again}
    return replace(planned, step=replace(step, order=replace(step.order, values=left))) if again else planned


def _repeats(one: Field, told: Sequence[str], title: set[str], wish: Wish) -> bool:
    words = words_of(wish.talk)
    if "#" in wish.talk or any(one.called.rstrip("s").casefold() == word.rstrip("s") for word in words):
        return False
    return told == words or ((one.kind.is_tags or one.kind.is_long) and title.issuperset(told))
