"""Do what the model wrote: check it all, carry it out in one transaction or propose it, put cards into the chat.

For a generation G the writes are the order `do-G`; what the instruction N orders of the process `jobs` is `run-G-N`,
`cancel-G-N`, `pause-G-N`, `resume-G-N` or `retry-G-N`. The cards, the step that follows and the mark `played` on the
reply are the order `played-G`. So work that is repeated after a crash, at any point, does nothing twice. The cause of
all of them is the order to generate (`generate-G`): unlike the id of `llm.finished` it is still known after a crash.
"""

from dataclasses import replace
from itertools import groupby

from apps.core import SETTING
from apps.own.loading import OwnApps
from apps.tables import Row
from bus.bus import Bus
from bus.errors import Refused
from bus.messages import Actor, StoreAnswer, StoreOrder
from bus.store_client import StoreClient
from services.agent.act.cards import (
    DoneChange,
    Outcome,
    Place,
    acted_message,
    applied_card,
    done_change,
    fits,
    job_card,
    placed,
    previews_text,
    proposal_card,
    refused_card,
    which_card,
)
from services.agent.act.consent import (
    Case,
    Consent,
    chosen_ask,
    is_memory,
    is_never_allowed,
    reasons_to_ask,
    several_meant,
)
from services.agent.act.drafts import checked_drafts
from services.agent.act.jobs import Jobs, SeveralMeant
from services.agent.act.known.memories import Memories
from services.agent.act.opening import open_order, opened_text
from services.agent.act.own_apps import OwnAppPlans
from services.agent.act.permissions.rules import NEVER, NEVER_TOLD
from services.agent.act.planned import PlannedChange, changes_by_step, orders_of, rows_by_step
from services.agent.act.planner import Planner, WrongInstruction
from services.agent.act.second_look import Objection, objection
from services.agent.act.steps import next_step, read_name, rows_for_user
from services.agent.act.tools.calls import ToolCalls
from services.agent.own.amended import is_proposal, replacing
from services.agent.parse.instructions import Scope, Step
from services.agent.parse.reply import ReadInstruction, read_instructions
from services.agent.parse.scanner import find_instructions
from services.agent.prompt.feedback import Feedback, Found, page
from services.agent.prompt.turns import question_of
from services.agent.state.live_query import LiveQueries
from services.agent.state.scope import scope_of
from services.agent.state.wants import settings_for

NOT_ASKED_TO_OPEN = (
    "The user did not ask to open {app}. Answer without it; rows of its tables can be read with list and search."
)

NO_APP_WANTED = "The user did not ask for a new app or for other fields. Answer without `make_app` and `change_app`."

ONLY_CLAIMED = "The answer says that something was done, but it has no instruction: nothing was done."


class NeverAllowed(WrongInstruction):
    """The user never lets the assistant do this. Nothing of the reply is done; the model does not try again."""

    def __init__(self, index: int, kind: str) -> None:
        super().__init__(index, NEVER.format(kind=kind))
        self.told = NEVER_TOLD.format(kind=kind)


class Actions:
    """Carries out the instructions of finished replies."""

    def __init__(self, bus: Bus, store_client: StoreClient, queries: LiveQueries, own: OwnApps) -> None:
        """Nothing happens before `perform`. `own`: the own apps, and in their registry all apps."""
        self._bus = bus
        self._store_client = store_client
        self._queries = queries
        self._registry = own.registry
        self.own_apps = OwnAppPlans(store_client, own)
        self._planner = Planner(store_client, self.own_apps)
        self._consent = Consent(store_client, queries, own.registry)
        self.jobs = Jobs(bus, store_client, queries)
        self._memories = Memories(queries, self._consent)
        self.tools = ToolCalls(bus, store_client, queries)

    # --- what a reply says ---

    async def perform(self, row: Row, *, again: bool = False) -> Row | None:
        """Do what a finished reply says; return the row of the step that follows, if there is one.

        `again`: a part of it may have been done before a crash.
        """
        scope, read = await self._found(row)
        place = Place(row["id"], row["conversation"], row["generation"], scope.app, scope.profile)
        found = await self._without_memories(row, read, place)
        if not found and (read or not await self._consent.is_claimed(row)):
            return None
        feedback = Feedback(problems=[(one.instruction, one.problem) for one in found if one.problem])
        if not found:
            feedback.problems = [({}, ONLY_CLAIMED)]
        cards: list[Row] = []
        if not feedback.problems:
            try:
                cards, row = await self._carry_out_steps(found, row, place, scope, feedback, again=again)
            except SeveralMeant as several:
                cards = [self._ask_which(place, several, found[several.index].instruction, feedback)]
            except NeverAllowed as never:
                cards = [self._refuse(place, never, found[never.index].instruction, feedback)]
            except WrongInstruction as wrong:
                feedback.problems = [(found[wrong.index].instruction, str(wrong))]
        replaced = await self._consent.amended(row) if any(map(is_proposal, cards)) else None
        owners = [one.call for one in found]
        return await self._finish(row, place, cards, feedback, owners=owners, replaced=replaced)

    async def _found(self, row: Row) -> tuple[Scope, list[ReadInstruction]]:
        """Return where the model may act, and the instructions of a reply.

        If the model was asked to look again and answered with words alone, they are those of its first reply.
        """
        messages = await self._queries.messages(row["conversation"])
        settings = settings_for(question_of(messages, row), await self._queries.settings(), messages)
        scope = self.scope(settings)

        def read(reply: Row) -> list[ReadInstruction]:
            calls = (reply["detail"] or {}).get("calls") or []
            return read_instructions(reply["text"], calls, scope, lambda app: self.scope({**settings, "app": app}))

        found = read(row)
        if not found and (first := (row["detail"] or {}).get("first")):
            found = next((read(one) for one in messages if one["id"] == first), [])
        return scope, found

    async def _without_memories(self, row: Row, read: list[ReadInstruction], place: Place) -> list[ReadInstruction]:
        """Return the instructions without those that would remember what the user's own words do not carry."""
        if not any(one.step and is_memory(one.step) for one in read):
            return read
        refused = await self._memories.refused(row, [one.step for one in read], place.profile)
        for number, reason in refused.items():
            self._say(place, read[number].instruction, "refused", reason=reason)
        return [one for number, one in enumerate(read) if number not in refused]

    def scope(self, settings: Row) -> Scope:
        """Return where the model may act, with the tools of other programs that there are."""
        return replace(scope_of(self._registry, settings), tools=self._queries.tools)

    async def _carry_out_steps(
        self, found: list[ReadInstruction], row: Row, place: Place, scope: Scope, feedback: Feedback, *, again: bool
    ) -> tuple[list[Row], Row]:
        """Open apps, write or propose, then read; return the values of the cards, and the reply as it is then."""
        steps = [(index, one.instruction, one.step) for index, one in enumerate(found) if one.step]
        work = [one for one in steps if one[2].work]
        done = await self._done(place) if again else []
        known_jobs = await self.jobs.done_before(place, work) if again else {}
        writes = [one for one in steps if one[2].writes]
        words, amended = await self._consent.words(row), await self._consent.amended(row)
        plan = await self._planner.plan(writes, scope, done, words, amended)
        plan = plan if done else checked_drafts(plan, self._registry.workflows, scope.reader)
        plan += await self.jobs.plan(work, scope, known_jobs)
        asked = _decided(row)
        if plan and not done and not known_jobs:
            case = await self._consent.case(row, plan, scope, chosen_ask(await self._queries.settings()))
            plan = list(case.plan)
        if plan and asked is None and not done and not known_jobs:
            check_allowed(plan, case)
            check_named(plan, case)
            check_wanted(plan, case)
            if all(step.acts for _, _, step in steps) and (against := objection(row, plan, case)):
                return self._look_again(found, place, against, feedback), row
            row, asked = await self._decide(row, plan, case, place)
        asked = asked or {}
        cards = []
        for index, instruction, step in steps:
            if step.app:
                await self._check_open(row, index, step, scope)
                cards.append(await self._open(PlannedChange(index, instruction, step, {}), place, feedback))
        proposals = self._propose_all(place, plan, asked, feedback)
        at_once = [planned for number, planned in enumerate(plan) if number not in asked]
        if changes := [one for one in at_once if not one.step.work]:
            cards += await self._apply(place, changes, feedback)  # last: what cannot be proposed must undo nothing
        cards += [await self._order_job(place, one, feedback) for one in at_once if one.step.work]
        if calls := [one for one in steps if one[2].call]:
            cards += await self.tools.carry_out(calls, place, feedback, await self._consent.quoted(row, scope))
        cards += proposals
        feedback.changed = (row["detail"] or {}).get("changed", 0) + len(at_once)
        await self._read_all([(index, step) for index, _, step in steps if step.reads], row, scope, feedback)
        return cards, row

    def _look_again(
        self, found: list[ReadInstruction], place: Place, against: Objection, feedback: Feedback
    ) -> list[Row]:
        """Have the model look again; there are no cards then."""
        feedback.objection, feedback.is_idle = against.text, against.is_idle
        for one in found:
            self._say(place, one.instruction, "refused", reason="The model is asked to look again.")
        return []

    def _ask_which(self, place: Place, several: SeveralMeant, instruction: Row, feedback: Feedback) -> Row:
        """Return the card that asks the user which job is meant; nothing of the reply is done."""
        feedback.texts[several.index] = f"Nothing was done. The user is asked: {several}"
        self._say(place, instruction, "refused", reason=str(several))
        return which_card(place, str(several), instruction)

    def _refuse(self, place: Place, never: NeverAllowed, instruction: Row, feedback: Feedback) -> Row:
        """Return the card that says what the user never allows; nothing of the reply is done."""
        feedback.texts[never.index] = never.told
        self._say(place, instruction, "refused", reason=str(never))
        return refused_card(place, str(never), instruction)

    async def _decide(
        self, row: Row, plan: list[PlannedChange], case: Case, place: Place
    ) -> tuple[Row, dict[int, str]]:
        """Return the reply, and before which changes the user is asked, by their places in the plan, and why.

        If a part of the plan is made at once, the decision is stored first: after a crash the rows are different, and
        it would not be the same again.
        """
        asked = reasons_to_ask(plan, case)
        if asked and len(asked) < len(plan):
            detail = (row["detail"] or {}) | {"asked": {str(number): reason for number, reason in asked.items()}}
            order = StoreOrder(verb="update", table="message", id=row["id"], values={"detail": detail}, actor="model")
            await self._store_client.ask(order, cause=place.cause, id=f"asked-{place.generation}")
            row = row | {"detail": detail}
        return row, asked

    async def _done(self, place: Place) -> list[Row]:
        """Return the changes that the reply made before a crash, as the table `change` has them."""
        return await self._store_client.list("change", {"asked": place.order_id}, sort="id", limit=1_000)

    # --- open, write, propose, read ---

    async def _check_open(self, row: Row, index: int, step: Step, scope: Scope) -> None:
        """Raise `WrongInstruction` if the user did not speak of the app that the model wants to open."""
        if step.app != scope.app and not await self._consent.asked_to_open(row, step.app, scope.jobs_elsewhere):
            raise WrongInstruction(index, NOT_ASKED_TO_OPEN.format(app=step.app))

    async def _open(self, planned: PlannedChange, place: Place, feedback: Feedback) -> Row:
        asked = f"open-{place.generation}-{planned.index}"
        order = open_order(planned.step, asked)
        answer = await self._store_client.ask(order, cause=place.cause, id=asked)
        for row in answer.rows:
            self._queries.learn(SETTING.name, row, answer.revision)
        self._say(place, planned.instruction, "applied")
        feedback.texts[planned.index] = opened_text(planned.step, place.app)
        feedback.read = feedback.read or planned.step.app != place.app or planned.step.look is None
        return applied_card(place, [DoneChange(planned, {}, {}, [])])

    async def _apply(self, place: Place, plan: list[PlannedChange], feedback: Feedback) -> list[Row]:
        try:
            answer = await self.carry_out(orders_of(plan), place.order_id, place.cause)
        except Refused as refused:
            at = refused.index if 0 <= refused.index < len(plan) else 0
            raise WrongInstruction(plan[at].index, str(refused)) from refused
        cards = await self.cards_of(place, plan, answer)
        for card in cards:
            feedback.texts[card["detail"]["index"]] = card["text"]
        return cards

    async def _order_job(self, place: Place, planned: PlannedChange, feedback: Feedback) -> Row:
        """Order it of the process `jobs`; return its card. What was done before stays done if that is refused."""
        try:
            job = await self.jobs.carry_out(planned, place, place.cause)
        except Refused as refused:
            feedback.texts[planned.index] = f"Not done: {refused}"
            self._say(place, planned.as_written, "refused", reason=str(refused))
            return refused_card(place, str(refused), planned.as_written)
        card = job_card(place, planned, job)
        self._say(place, planned.as_written, "applied")
        feedback.texts[planned.index] = f"{card['text']} Its id is {job}."
        return card

    async def carry_out(self, orders: list[Row], order_id: str, cause: str, client: str = "") -> StoreAnswer:
        """Carry out all orders in one transaction, or raise `Refused`. `client`: the program that wants them."""
        table = orders[0]["table"]
        actor: Actor = "user" if client else "model"
        order = StoreOrder(verb="batch", table=table, values={"orders": orders}, actor=actor, client=client)
        return await self._store_client.ask(order, cause=cause, id=order_id)

    async def cards_of(self, place: Place, plan: list[PlannedChange], answer: StoreAnswer) -> list[Row]:
        """Return the cards of what was done, one for each instruction, and say each outcome on the bus.

        `answer.rows` ends with one row for each order of the plan. What was there before comes from the table `change`,
        which has it also when this runs again after a crash.
        """
        changes = changes_by_step(plan, await self._changes(answer.changes))
        done = [
            done_change(planned, row, own)
            for planned, row, own in zip(plan, rows_by_step(plan, answer.rows), changes, strict=True)
        ]
        cards = []
        for _, group in groupby(done, key=lambda one: one.planned.index):
            card = applied_card(place, list(group))
            cards.append(card)
            self._say(place, card["detail"]["instruction"], "applied", card["detail"]["change"])
        return cards

    async def _changes(self, revisions: list[int]) -> list[Row]:
        if not revisions:
            return []
        span = {"id": {"from": revisions[0], "to": revisions[-1]}}
        return await self._store_client.list("change", span, sort="id", limit=1_000)

    def _propose_all(
        self, place: Place, plan: list[PlannedChange], asked: dict[int, str], feedback: Feedback
    ) -> list[Row]:
        """Return the cards of what is proposed: one for all changes of rows, and one for each job and each own app."""
        alone = [number for number in asked if plan[number].step.work or plan[number].step.shapes]
        groups = [[number for number in asked if number not in alone], *([number] for number in alone)]
        return [
            self._propose(place, [plan[one] for one in group], [asked[one] for one in group], feedback)
            for group in groups
            if group
        ]

    def _propose(self, place: Place, plan: list[PlannedChange], reasons: list[str], feedback: Feedback) -> Row:
        card = proposal_card(place, plan, reasons)
        if not fits(card):
            problem = "It is too much to be shown and agreed to at once. Do it in smaller parts."
            raise WrongInstruction(plan[0].index, problem)
        for index, group in groupby(plan, key=lambda planned: planned.index):
            whole = list(group)
            feedback.texts[index] = f"The user is asked first: {previews_text(whole)}."
            self._say(place, whole[0].as_written, "proposed")
        return card

    async def _read_all(self, steps: list[tuple[int, Step]], row: Row, scope: Scope, feedback: Feedback) -> None:
        """Read rows for the model. If it has read all of them in this answer already, they are shown to the user."""
        known = list((row["detail"] or {}).get("reads") or ())
        answers = [(index, step, await self._read(step, scope, row["conversation"])) for index, step in steps]
        feedback.reads = [*known, *(name for _, step, _ in answers if (name := read_name(step)) not in known)]
        feedback.found = [(step, read) for _, step, read in answers]
        if len(feedback.reads) == len(known):
            return
        for index, step, read in answers:
            feedback.texts[index] = page(step, read, scope.reader)
            feedback.read = True

    async def _read(self, step: Step, scope: Scope, conversation: int) -> Found:
        """Return the rows that the model may see, or why there are none."""
        if step.order is None or step.table is None:
            return Found()
        if problem := await self._memories.unreadable(step, scope, conversation):
            return Found(problem=problem)
        try:
            answer = await self._store_client.ask(step.order)
        except Refused as refused:
            return Found(problem=str(refused))
        rows = [row for row in answer.rows if not step.table.scoped or row["profile"] == scope.profile]
        return Found(rows, answer.more, answer.total)

    # --- the end ---

    async def _finish(
        self,
        row: Row,
        place: Place,
        cards: list[Row],
        feedback: Feedback,
        *,
        owners: list[int],
        replaced: Row | None,
    ) -> Row | None:
        """Order, in one batch, the cards, the step in which the model goes on, and the mark `played` on the reply.

        `owners`: for each instruction, the number of the call it came from. `replaced`: the card whose place the new
        one takes; it says so in the same batch.
        """
        step = next_step(row, feedback, owners)
        for instruction, problem in feedback.problems:
            self._say(place, instruction, "refused", reason=problem)
            if step is None:
                cards.append(refused_card(place, problem, instruction))
        shown = None if step else rows_for_user(row, feedback)
        cards = placed(cards)
        values = [*cards, *(one for one in (step, shown) if one)]
        orders: list[Row] = [{"verb": "insert", "table": "message", "values": one} for one in values]
        played = {"detail": (row["detail"] or {}) | {"played": True}}
        mark = {"verb": "update", "table": "message", "id": row["id"], "values": played}
        answer = await self._order_end(orders, mark, place, cards=len(cards), replaced=replaced)
        made = next((one for one in answer.rows if one["role"] == "assistant" and one["id"] != row["id"]), None)
        return made if made and made["state"] == "streaming" else None

    async def _order_end(
        self, orders: list[Row], mark: Row, place: Place, *, cards: int, replaced: Row | None
    ) -> StoreAnswer:
        """Order the last batch of a reply, without what the user has decided or deleted meanwhile.

        `orders`: begin with those of the `cards`. Each try has an id of its own: the store remembers a refusal.
        """
        replacement = [replacing(replaced)] if replaced else []
        tries = [("", [*orders, *replacement, mark]), ("-beside", [*orders, mark])]
        tries += [("-alone", orders[:cards])] if cards else []  # the reply was deleted; they still say what was done
        for number, (suffix, batch) in enumerate(tries, start=1):
            try:
                return await self._order_batch(batch, place, f"played-{place.generation}{suffix}")
            except Refused as refused:
                if refused.code not in ("conflict", "not_found") or number == len(tries):
                    raise
        raise AssertionError("the last try returns or raises")

    async def _order_batch(self, orders: list[Row], place: Place, order_id: str) -> StoreAnswer:
        order = StoreOrder(verb="batch", table="message", values={"orders": orders}, actor="model")
        return await self._store_client.ask(order, cause=place.cause, id=order_id)

    def _say(self, place: Place, instruction: Row, outcome: Outcome, change: int = 0, *, reason: str = "") -> None:
        self._bus.say(acted_message(place, instruction, outcome, change, reason), place.app, cause=place.cause)


def check_allowed(plan: list[PlannedChange], case: Case) -> None:
    """Raise `NeverAllowed` if the user never lets the assistant make one of the changes."""
    for planned in plan:
        if is_never_allowed(planned, case):
            raise NeverAllowed(planned.index, case.permissions.words_about(planned))


def check_named(plan: list[PlannedChange], case: Case) -> None:
    """Raise `SeveralMeant` if the user's words do not say which of several jobs is meant."""
    for planned in plan:
        if rows := several_meant(planned, case):
            raise SeveralMeant(planned.index, rows)


def check_wanted(plan: list[PlannedChange], case: Case) -> None:
    """Raise `WrongInstruction` if the user's words ask for no app, or for no change of one."""
    for planned in plan:
        if planned.step.shapes and not case.wants_app:
            raise WrongInstruction(planned.index, NO_APP_WANTED)


def _decided(row: Row) -> dict[int, str] | None:
    """Return what was decided before a crash about the changes of a reply; None for nothing."""
    kept = (row["detail"] or {}).get("asked")
    return {int(number): reason for number, reason in kept.items()} if type(kept) is dict else None


def has_instructions(row: Row) -> bool:
    """Return whether a finished reply contains instructions or native tool calls, or one before it that waits does."""
    detail = row["detail"] or {}
    return bool(detail.get("calls") or detail.get("first")) or bool(find_instructions(row["text"]))
