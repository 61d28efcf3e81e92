"""From a row that asks for an answer to the order to generate it (`llm.generate`)."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import date, datetime

from apps.core import JOB
from apps.own.loading import OwnApps
from apps.tables import Row
from apps.work.runs import RUN
from bus.messages import LlmGenerate, Purpose
from services.agent.grounding.sentences import asks_for_length
from services.agent.limits import BYTES_PER_TOKEN
from services.agent.own.amended import proposal_before, proposed_row
from services.agent.own.asking import Asked, asked_in
from services.agent.parse.instructions import Scope
from services.agent.prompt.blocks import read_block
from services.agent.prompt.files.swapped import PromptFiles
from services.agent.prompt.layers import (
    RULES,
    SUMMARISE,
    Layer,
    PromptText,
    Situation,
    TableRows,
    compose,
    compose_alone,
    compose_summary,
)
from services.agent.prompt.personas import Persona, Personas
from services.agent.prompt.player import forms
from services.agent.prompt.player.handing_over import Answerer, HandingOver
from services.agent.prompt.syntax import schema, tools
from services.agent.prompt.tools.lines import native, schemas
from services.agent.prompt.turns import cut_before, heard_before, question_of, turns_before, turns_to_sum_up
from services.agent.prompt.window import estimated_tokens, measured_bytes_per_token
from services.agent.prompt.work_lines import job_lines, run_in_view, step_lines
from services.agent.state.live_query import LiveQueries
from services.agent.state.models import Chosen, ModelChooser
from services.agent.state.paths import PlayPath, PlayPaths
from services.agent.state.scope import scope_of
from services.agent.state.wants import settings_for


def generation_of(row: Row) -> str:
    """Return the name of the generation that a row asks for: its id and its attempt."""
    return f"{row['id']}.{row['attempt']}"


@dataclass(frozen=True, slots=True)
class BuiltPrompt:
    """An order to generate, and what it was made of."""

    order: LlmGenerate
    layers: tuple[Layer, ...]
    path: PlayPath
    window: int
    """Tokens of the model's context that are used."""
    bytes: int
    """Bytes of everything that the model is told."""
    guess: int
    """About how many tokens that is."""
    kept: Row
    """What the row keeps in its `detail`, so that the next prompt begins with the same text."""


class PromptBuilder:
    """Collects what a prompt depends on, and builds it."""

    def __init__(
        self,
        queries: LiveQueries,
        own: OwnApps,
        models: ModelChooser,
        paths: PlayPaths,
        personas: Personas,
        *,
        files: PromptFiles,
    ) -> None:
        """Nothing is read from the store before a prompt is built. `own`: the own apps, and in their registry all."""
        self._queries = queries
        self._models = models
        self._handing_over = HandingOver(models)
        self._own = own
        self._registry = own.registry
        self._paths = paths
        self._personas = personas
        self._files = files

    async def order(self, row: Row, wish: str = SUMMARISE) -> BuiltPrompt:
        """Return the order to generate the text of a row. `wish`: for a row that says the talk in short, how."""
        talk = await self._talk_of(row)
        messages = await self._queries.messages(talk)
        settings = settings_for(question_of(messages, row), await self._queries.settings(), messages)
        situation = await self.situation(talk, settings)
        answerer = await self._answerer(row, messages, situation.rows, settings)
        chosen = answerer.chosen
        wanted = self._asked_for_app(row, messages, settings)
        path = await self._path(chosen, row, asked=wanted)
        asked = None if path == "tools" else wanted
        row = row | {"detail": (row["detail"] or {}) | {"path": "text" if asked else path}}
        persona = await self._personas.chosen(chosen.wishes.get("persona"))
        purpose: Purpose = "step" if row["purpose"] == "note" else row["purpose"]
        heard = heard_before(messages, row)
        situation = replace(
            situation,
            persona=persona.layer,
            files={**situation.files, "persona": persona.file},
            events=self._events(row, heard),
            day=day_in_words(datetime.now(situation.reader.zone).date()),
            turns=turns_before(messages, row, persona.comment_words, forms.remark(chosen.form)),
            cut=cut_before(messages, row),
            block=read_block(stored) if row["text"] and (stored := (row["detail"] or {}).get("block")) else None,
            kept=row["text"],
            window=chosen.window,
            bytes_per_token=bytes_per_token(messages, chosen.name),
            purpose=purpose,
            path=path,
            form=chosen.form,
            voice=persona.name,
        )
        if asked:
            prompt = compose_alone(situation, Layer(asked.layer, asked.text))
        elif row["purpose"] == "note":
            prompt = compose_summary(replace(situation, turns=turns_to_sum_up(messages, row)), wish)
        else:
            prompt = forms.compose(situation) if situation.form else compose(situation)
        is_step, jobs = row["purpose"] == "step", situation.jobs
        cancels = bool(jobs or situation.jobs_elsewhere)
        order = LlmGenerate(
            generation=generation_of(row),
            conversation=row["conversation"],
            model=chosen.name,
            messages=prompt.messages,
            options=({"temperature": 0} if asked else {}) | chosen.options(purpose),
            purpose=purpose,
            tools=self._tools(wanted, situation, cancels=cancels) if path == "tools" else [],
            format=self._form(asked, situation, cancels=cancels) if path == "format" else {},
        )
        kept: Row = {}
        if row["purpose"] != "comment":  # a comment is in no talk, so no later prompt tells what stood before it
            kept = _kept(prompt, heard if is_step or asked else max(heard, self._queries.events.newest))
        kept |= _word_limit(row, messages, persona)
        if row["purpose"] == "chat" and not row["text"]:
            kept |= {"left_out": prompt.left_out} if prompt.left_out else {}
            kept |= {"instead_of": chosen.instead_of} if chosen.instead_of else {}
        kept |= ({"form": chosen.form} if chosen.form else {}) | answerer.detail
        guess = estimated_tokens(prompt.bytes, situation.bytes_per_token)
        return BuiltPrompt(order, prompt.layers, path, chosen.window, prompt.bytes, guess, kept)

    @staticmethod
    def _tools(wanted: Asked | None, situation: Situation, *, cancels: bool) -> list[Row]:
        """Return the tools of a model; one more where an app is wanted."""
        known = tools(situation.tables, situation.apps, situation.jobs, cancels=cancels)
        known += native(situation.other_tools)
        return [*known, wanted.tool] if wanted else known

    @staticmethod
    def _form(asked: Asked | None, situation: Situation, *, cancels: bool) -> Row:
        """Return the JSON schema that the reply follows."""
        if asked:
            return asked.form
        form = schema(situation.tables, situation.apps, situation.jobs, cancels=cancels)
        form["properties"]["instructions"]["items"]["anyOf"] += schemas(situation.other_tools)
        return form

    def _asked_for_app(self, row: Row, messages: list[Row], settings: Row) -> Asked | None:
        """Return how the model is asked for a new app, or for a change of one, if the question wants that."""
        is_begun = bool(row["text"]) or not (row["purpose"] == "chat" or (row["detail"] or {}).get("repair"))
        question = None if is_begun else question_of(messages, row)
        if question is None or (question["detail"] or {}).keys() & {"drafts", "amends"}:
            return None
        names = sorted(self._own.names_of("declaration"))
        rows = [found for name in names if (found := self._own.row_of(name)) and found["enabled"]]
        scope = scope_of(self._registry, settings)
        card = proposal_before(question, messages)
        return asked_in(question["text"], rows, scope.app, proposed_row(card) if card else None)

    async def _talk_of(self, row: Row) -> int:
        """Return the conversation with which a prompt begins. A comment is in none: it shares the one opened last."""
        if row["conversation"]:
            return int(row["conversation"])
        talk = (await self._queries.settings()).get("conversation")
        return talk if type(talk) is int else 0

    def _events(self, row: Row, heard: float) -> tuple[str, ...]:
        """Return what happened since the talk was told of it; for a comment, which ones were made before."""
        events = self._queries.events
        return events.remarks() if row["purpose"] == "comment" else events.since(heard)

    async def _path(self, chosen: Chosen, row: Row, *, asked: Asked | None) -> PlayPath:
        """Return the path of a row. A comment shares the system message of the talk, and so its path."""
        if chosen.form and asked is None:
            return "text"  # it was taught no other
        path = await self._paths.of(chosen.model, row, is_declaration=asked is not None)
        return "text" if path == "format" and row["purpose"] in ("comment", "note") else path

    async def _answerer(self, row: Row, messages: list[Row], rows: tuple[TableRows, ...], settings: Row) -> Answerer:
        """Return the model for a row. `settings`: those of its question."""
        if row["purpose"] in ("comment", "note") and (remarking := await self._models.remarking()):
            return Answerer(remarking)
        return await self._handing_over.answerer(row, messages, rows, settings)

    async def situation(self, conversation: int, settings: Row | None = None) -> Situation:
        """Return what every prompt depends on. What is not known yet is read from the store in one round trip.

        `settings`: those of a question; None for what is in view.
        """
        scope = scope_of(self._registry, await self._queries.settings() if settings is None else settings)
        rows, jobs, _, profiles = await asyncio.gather(
            self._rows(scope),
            self._jobs(scope),
            self._queries.messages(conversation),
            self._queries.profiles(),
        )
        app = self._registry.apps.get(scope.app)
        app_text = self._files.app(scope.app, app.call("prompt", str, "") if app else "")
        rules = self._files.rules(RULES)
        return Situation(
            app=scope.app,
            app_prompt=app_text.text,
            rules=rules.text,
            files={"app_prompt": app_text.file, "rules": rules.file},
            tables=scope.tables,
            apps=scope.apps,
            elsewhere=scope.elsewhere,
            jobs=scope.jobs,
            jobs_elsewhere=scope.jobs_elsewhere,
            other_tools=self._queries.tools,
            job_lines=job_lines(jobs, time.time()),
            step_lines=self._step_lines(rows),
            rows=rows,
            profile=profiles.get(scope.profile, ""),
            reader=scope.reader,
        )

    def _step_lines(self, rows: tuple[TableRows, ...]) -> tuple[str, ...]:
        """Return the lines about the step in view; () where the open app shows no runs of workflows."""
        runs = next((one.rows for one in rows if one.table is RUN), ())
        workflows = self._registry.workflows
        return step_lines(run_in_view(runs, workflows, self._queries.last_run), workflows)

    async def _jobs(self, scope: Scope) -> list[Row]:
        """Return the jobs of the profile in view; [] where no app has any."""
        return await self._queries.jobs(scope.profile) if scope.jobs or scope.jobs_elsewhere else []

    async def _rows(self, scope: Scope) -> tuple[TableRows, ...]:
        """Return the rows of the open app: of its first table, and of those that are no history."""
        shown = [one for one in scope.tables if one is not JOB]  # jobs are told in lines of their own
        tables = [one for one in shown if one is shown[0] or not one.read_only]
        found = await asyncio.gather(*(self._queries.rows(one, scope.profile) for one in tables))
        return tuple(TableRows(one, tuple(rows), more) for one, (rows, more) in zip(tables, found, strict=True))


def _kept(prompt: PromptText, heard: float) -> Row:
    """Return what a row keeps of its prompt. `heard`: until when the talk has told what happened (Unix seconds)."""
    cut = [prompt.cut.begin, prompt.cut.bare]
    return {"block": prompt.block.as_values() | {"heard": heard}} | ({"cut": cut} if any(cut) else {})


def _word_limit(row: Row, messages: list[Row], persona: Persona) -> Row:
    """Return `words`, the most words of the text; nothing where more was asked for."""
    if row["purpose"] == "comment":
        return {"words": persona.comment_words}
    question = question_of(messages, row)
    is_long_wanted = question is not None and asks_for_length(question["text"])
    is_limited = row["purpose"] in ("chat", "step") and not row["text"] and not is_long_wanted
    return {"words": persona.words} if is_limited else {}


def bytes_per_token(messages: list[Row], model: str) -> float:
    """Return the bytes for each token in the newest prompt that the server has counted for this model."""
    for one in reversed(messages):
        tokens = (one["detail"] or {}).get("tokens") or {}
        if one["model"] == model and tokens.get("prompt"):
            return measured_bytes_per_token(tokens.get("bytes", 0), tokens["prompt"])
    return BYTES_PER_TOKEN


def day_in_words(day: date) -> str:
    """Return a date as "Thursday, 26 November 2026"."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"
