"""Cards: the messages of role `action` that say in the chat what the assistant did, would do or could not do. Pure.

There is one card for each instruction that was carried out or refused. Everything that a reply proposes is on one card,
because all of it is done together or not at all.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from apps.own.words import called, differences
from apps.sentences import label_of, words
from apps.shown.look import VIEW
from apps.shown.view import LIST
from apps.tables import Field, Row, Table
from apps.work.runs import RUN
from bus.messages import AgentActed, Values
from services.agent.act.planned import PlannedChange
from services.agent.limits import MAX_CARD_DETAIL, MAX_CARDS_SHOWN, MAX_KEPT_INSTRUCTION, MAX_ROWS_NAMED_ON_CARD
from services.agent.prompt.describe import quoted, row_name, value_text

NOTHING: Row = {}
Outcome = Literal["applied", "proposed", "refused", "undone"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where instructions stand: the message, its generation, and the app and profile that were in view."""

    message: int
    conversation: int
    generation: str
    app: str
    profile: int = 1

    @property
    def order_id(self) -> str:
        """The id of the order that carries them out: the same whenever it is tried again."""
        return f"do-{self.generation}"

    @property
    def cause(self) -> str:
        """The id of the order to generate: the cause of everything that the instructions do."""
        return f"generate-{self.generation}"


def place_of(card: Row) -> Place:
    """Return where the instructions of a card stand."""
    detail = card["detail"]
    return Place(card["reply_to"], card["conversation"], detail["generation"], detail["app"], detail.get("profile", 1))


def instructions_of(card: Row) -> list[Row]:
    """Return the instructions of a card."""
    detail = card["detail"]
    return detail.get("instructions") or [detail["instruction"]]


def acted_message(place: Place, instruction: Row, outcome: Outcome, change: int = 0, reason: str = "") -> AgentActed:
    """Return the message `agent.acted` about the outcome of an instruction."""
    return AgentActed(
        generation=place.generation,
        instruction=short_instruction(instruction),
        outcome=outcome,
        change=change,
        reason=reason,
    )


def new_card(place: Place, state: str, text: str, instruction: Row, more: Row = NOTHING) -> Row:
    """Return the values of a card's row. `more`: further values for its `detail`."""
    detail = {
        "instruction": short_instruction(instruction),
        "change": 0,
        "changes": [],
        "app": place.app,
        "profile": place.profile,
        "generation": place.generation,
        **more,
    }
    return {
        "conversation": place.conversation,
        "role": "action",
        "state": state,
        "text": text,
        "reply_to": place.message,
        "generation": place.generation,
        "detail": detail,
    }


def refused_card(place: Place, problem: str, instruction: Row) -> Row:
    """Return the values of the card of an instruction that cannot be carried out; `problem` is its text."""
    return new_card(place, "refused", problem, instruction)


def which_card(place: Place, question: str, instruction: Row) -> Row:
    """Return the values of the card that asks which row or job is meant; a short answer to it completes the order."""
    return new_card(place, "refused", question, instruction, {"asks": "which"})


@dataclass(frozen=True, slots=True)
class DoneChange:
    """A planned change that was made: the row as it is now and as it was, and the revisions of its changes."""

    planned: PlannedChange
    row: Row
    before: Row
    changes: list[int]


def done_change(planned: PlannedChange, row: Row, changes: list[Row]) -> DoneChange:
    """Return a change that was made. `row`: as the store answered; `changes`: its rows of the table `change`."""
    before = changes[0]["before"] if changes else {}
    now = {} if planned.step.operation == "delete" else row
    before = {**row, **before} if planned.step.operation != "insert" else {}
    return DoneChange(planned, now, before, [change["id"] for change in changes])


def applied_card(place: Place, done: Sequence[DoneChange]) -> Row:
    """Return the card of an instruction that was carried out: one row, or several that fulfil a condition."""
    first = done[0]
    planned = first.planned
    undoable = [change for one in done for change in one.changes] if planned.step.writes else []
    row = (first.row or first.before).get("id", 0)
    subject = {"table": planned.step.table.name, "row": row} if planned.step.table else {}
    subject |= {"opens": first.row["name"]} if planned.step.shapes and first.row else {}
    detail = {"index": planned.index, "change": undoable[-1] if undoable else 0, "changes": undoable, **subject}
    detail |= _values_of(done)
    return new_card(place, "applied", done_text(done), planned.as_written, detail)


def _values_of(done: Sequence[DoneChange]) -> Row:
    """Return the values of one changed row that each reader writes in another way, for a page to show beside the text.

    `short`: the text without them. The model wrote words like "tomorrow"; these are the values that came of them.
    """
    first, table = done[0], done[0].planned.step.table
    if len(done) > 1 or table is None or table is RUN or not first.row:
        return {}
    title = table.title_field.name
    changed = [
        one
        for one in table.fields
        if not one.kind.set_by_store and first.row.get(one.name) != first.before.get(one.name, one.empty)
    ]
    if not any(map(_is_written_by_reader, changed)):
        return {}
    shown = [one.name for one in changed if first.before or one.name != title]
    before = {"before": {name: first.before.get(name) for name in shown}} if first.before else {}
    name = row_name(first.row, table)
    short = f"Changed {name}." if first.before else f"Added {name} to {table.name}."
    return {"short": short, "values": before | {"after": {name: first.row.get(name) for name in shown}}}


def job_card(place: Place, planned: PlannedChange, job: int) -> Row:
    """Return the card of a job that was started or told to end. `job`: id of its row."""
    detail: Row = {"index": planned.index, "table": planned.table_name, "row": job}
    started = {"job": job, "ended": ""} if planned.step.operation == "run" else {}
    return new_card(place, "applied", f"{job_text(planned)}.", planned.as_written, detail | started)


def proposal_card(place: Place, plan: Sequence[PlannedChange], reasons: Sequence[str] = ()) -> Row:
    """Return the card that asks the user whether to make these changes. `reasons`: why they are asked."""
    detail = {
        "index": plan[0].index,
        "instructions": [planned.instruction for planned in plan],
        "would": [planned.preview() for planned in plan],
        "reasons": list(dict.fromkeys(reasons)),
    }
    short = _short_question(plan)
    detail |= {"short": short} if short else {}
    return new_card(place, "proposed", question_text(plan), plan[0].instruction, detail)


def _short_question(plan: Sequence[PlannedChange]) -> str:
    """Return the question about one row without its values, if readers write these in different ways; "" if not."""
    step, row = plan[0].step, plan[0].before
    if len(plan) > 1 or step.table is None or step.operation != "update" or step.table is RUN:
        return ""
    after = plan[0].preview()["after"]
    changed = [one for one in step.table.fields if after.get(one.name) != row.get(one.name)]
    return f"Change {row_name(row, step.table)}?" if any(map(_is_written_by_reader, changed)) else ""


def _is_written_by_reader(one: Field) -> bool:
    """Return whether each reader writes the values of a field in a way of their own, as days and amounts."""
    return one.kind.may_be_none and not one.kind.is_link


def fits(card: Row) -> bool:
    """Return whether a card's `detail` is small enough for the store."""
    try:
        return len(json.dumps(card["detail"], allow_nan=False)) <= MAX_CARD_DETAIL
    except ValueError:  # an infinite number cannot be written as JSON
        return False


def short_instruction(instruction: Row) -> Values:
    """Return the instruction; if it is too long to be kept, only its operation and `"shortened": true`."""
    try:
        if len(json.dumps(instruction, allow_nan=False)) <= MAX_KEPT_INSTRUCTION:
            return instruction
    except ValueError:  # as above
        pass
    return {"operation": str(instruction.get("operation", ""))[:60], "shortened": True}


# --- sentences ---


def done_text(done: Sequence[DoneChange]) -> str:
    """Return a sentence about what an instruction has done."""
    planned = done[0].planned
    table = planned.step.table
    if table is None:
        view = planned.step.look
        return f"Opened {planned.step.app}{'' if view is None else f' as {view.get(VIEW, LIST.called)}'}."
    if planned.step.shapes:
        return f"{app_text(planned, done=True)}."
    name = names_text([row_name(one.row or one.before, table) for one in done], table)
    match planned.step.operation:
        case "insert":
            return f"Added {name} to {table.name}."
        case "delete":
            return f"Deleted {name} from {table.name}."
        case "sort":
            return f"Moved {name}."
    if table is RUN:
        return f"Proposed for {name} ({_proposed_text(planned)})."
    return f"Changed {name}{_differences(done, table)}."


JOB_VERBS = {
    "run": ("Start", "Started"),
    "cancel": ("Cancel", "Cancelled"),
    "pause": ("Pause", "Paused"),
    "resume": ("Go on with", "Went on with"),
    "retry": ("Retry", "Retried"),
}
"""By operation on a job: what would be done, and what was done."""


def job_text(planned: PlannedChange, *, would: bool = False) -> str:
    """Return in words what was done with a job, without a full stop. `would`: it is only proposed."""
    starts = planned.step.operation == "run"
    row = planned.step.order.values if starts and planned.step.order else planned.before
    verb, done = JOB_VERBS[planned.step.operation]
    return f"{verb if would else done} {quoted(row.get('title'))}"


def app_text(planned: PlannedChange, *, done: bool = False) -> str:
    """Return in words what becomes of an own app, without a full stop."""
    preview = planned.preview()
    before, after = (preview[key].get("declaration") or {} for key in ("before", "after"))
    if not before:
        return f"{'Made' if done else 'Make'} the app “{called(after)}”"
    return f"{'Changed' if done else 'Change'} the app “{called(before)}”: {', '.join(differences(before, after))}"


def names_text(names: Sequence[str], table: Table) -> str:
    """Return the names of rows: one name, or the number of rows and the first few names."""
    if len(names) == 1:
        return names[0]
    more = len(names) - MAX_ROWS_NAMED_ON_CARD
    rest = f" and {more} more" if more > 0 else ""
    return f"{len(names)} rows of {table.name}: {', '.join(names[:MAX_ROWS_NAMED_ON_CARD])}{rest}"


def _differences(done: Sequence[DoneChange], table: Table) -> str:
    """Return which fields have changed: " (done: no → yes)". Of several rows the first one says it for all."""
    first = done[0]
    changed = [one for one in table.fields if first.row.get(one.name) != first.before.get(one.name)]
    return f" ({', '.join(_difference(one, done, table) for one in changed)})" if changed else " (no difference)"


def _difference(one: Field, done: Sequence[DoneChange], table: Table) -> str:
    """Return "done: no → yes"; without what was there before, where that was not the same in all rows."""
    before = {words(one, each.before.get(one.name), {}) for each in done}
    was = f"{before.pop()} → " if len(before) == 1 else ""
    return f"{label_of(one.name, table.all_fields)}: {was}{words(one, done[0].row.get(one.name), {})}"


def placed(cards: Sequence[Row]) -> list[Row]:
    """Return the cards of a reply. Where there are many, `detail.place` says which one each is, and of how many."""
    made = [card for card in cards if card["state"] != "proposed"]
    if len(made) <= MAX_CARDS_SHOWN:
        return list(cards)
    numbered = [
        card | {"detail": card["detail"] | {"place": [place, len(made)]}} for place, card in enumerate(made, start=1)
    ]
    return [*numbered, *(card for card in cards if card["state"] == "proposed")]


def _proposed_text(planned: PlannedChange) -> str:
    """Return what is proposed for the fields of a step."""
    proposed = planned.step.order.values.get("proposed", {}) if planned.step.order else {}
    return ", ".join(f"{name}: “{value_text(value)}”" for name, value in proposed.items())


def question_text(plan: Sequence[PlannedChange]) -> str:
    """Return the question to the user: one sentence, or a list of the changes."""
    texts = [previews_text(list(group)) for _, group in groupby(plan, key=lambda planned: planned.index)]
    if len(texts) == 1:
        return f"{texts[0]}?"
    return "\n".join([f"Do these {len(plan)} changes?", *(f"- {text}" for text in texts)])


def previews_text(plan: Sequence[PlannedChange]) -> str:
    """Return in words what one instruction would do, without a full stop. `plan`: a change for each of its rows."""
    step, row = plan[0].step, plan[0].before
    if step.table is None or step.order is None:
        return f"Open {step.app}"
    if step.work:
        return job_text(plan[0], would=True)
    if step.shapes:
        return app_text(plan[0])
    name = names_text([row_name(one.before or step.order.values, step.table) for one in plan], step.table)
    match step.operation:
        case "insert":
            return f"Add {name} to {step.table.name}"
        case "delete":
            return f"Delete {name} from {step.table.name}"
        case "sort":
            return f"Move {name}"
    if step.table is RUN:
        return f"Propose for {name} ({_proposed_text(plan[0])})"
    values = plan[0].preview()["after"]
    changed = {key: value for key, value in values.items() if value != row.get(key)}
    fields = step.table.all_fields
    differences = ", ".join(f"{key}: {_value_text(fields.get(key), value)}" for key, value in changed.items())
    return f"Change {name} ({differences or 'no difference'})"


def _value_text(one: Field | None, value: object) -> str:
    """Return a value as the model would write it; one that people write otherwise, as they do."""
    return words(one, value, {}) if one and _is_written_by_reader(one) else value_text(value)


def name_in_batch(plan: Sequence[PlannedChange], guards: Sequence[Row], index: int) -> str:
    """Return the name of the row of one order in a batch, which consists of the guards and then the changes."""
    planned = plan[min(max(index - len(guards), 0), len(plan) - 1)]
    if index < len(guards):
        guard = guards[index]
        planned = next(one for one in plan if one.before.get("id") == guard["id"])
    return row_name(planned.before, planned.step.table) if planned.step.table and planned.before else "The row"
