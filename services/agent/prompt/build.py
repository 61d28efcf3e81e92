"""From a row that asks for an answer to the order to generate it (`llm.generate`)."""

import asyncio
from dataclasses import dataclass, replace

from apps.registry import Registry
from apps.tables import Row
from bus.messages import LlmGenerate, Purpose, Values
from services.agent.limits import COMMENT_TOKENS
from services.agent.parse.instructions import Scope
from services.agent.prompt.layers import Layer, Situation, compose, compose_summary, used_context
from services.agent.prompt.personas import Personas
from services.agent.prompt.syntax import schema, tools
from services.agent.prompt.turns import turns_before, turns_to_sum_up
from services.agent.state.live_query import LiveQueries
from services.agent.state.paths import PlayPath, PlayPaths
from services.agent.state.scope import scope_of


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

    @property
    def characters(self) -> int:
        """Characters of everything that the model is told."""
        return sum(len(one["content"]) for one in self.order.messages)


class PromptBuilder:
    """Collects what a prompt depends on, and builds it."""

    def __init__(self, queries: LiveQueries, registry: Registry, paths: PlayPaths, personas: Personas) -> None:
        """Nothing is read from the store before a prompt is built."""
        self._queries = queries
        self._registry = registry
        self._paths = paths
        self._personas = personas

    async def order(self, row: Row) -> BuiltPrompt:
        """Return the order to generate the text of a row."""
        if row["purpose"] == "note":
            return await self._summary_prompt(row)
        purpose: Purpose = row["purpose"]
        model = await self._model()
        path: PlayPath = "text" if purpose == "comment" else await self._paths.of(model, row)
        situation, persona = await self.situation(row["conversation"]), await self._personas.chosen()
        situation = replace(
            situation,
            persona=persona.layer,
            comment_words=persona.comment_words,
            turns=turns_before(await self._queries.messages(row["conversation"]), row),
            kept=row["text"],
            comment_about=(row["detail"] or {}).get("happened", "") if purpose == "comment" else "",
            purpose=purpose,
            path=path,
        )
        prompt = compose(situation)
        order = LlmGenerate(
            generation=generation_of(row),
            conversation=row["conversation"],
            model=model["name"],
            messages=prompt.messages,
            options=_options(purpose, model),
            purpose=purpose,
            tools=tools(situation.tables, situation.apps) if path == "tools" else [],
            format=schema(situation.tables, situation.apps) if path == "format" else {},
        )
        return BuiltPrompt(order, prompt.layers, path, used_context(situation.context_tokens))

    async def _summary_prompt(self, row: Row) -> BuiltPrompt:
        model = await self._model()
        turns = turns_to_sum_up(await self._queries.messages(row["conversation"]), row)
        prompt = compose_summary(turns, model.get("context") or 0)
        order = LlmGenerate(
            generation=generation_of(row),
            conversation=row["conversation"],
            model=model["name"],
            messages=prompt.messages,
            options=_options("step", model),
            purpose="step",
        )
        return BuiltPrompt(order, prompt.layers, "text", used_context(model.get("context") or 0))

    async def _model(self) -> Values:
        listed, chosen = self._queries.listed, (await self._queries.settings()).get("model") or ""
        name = listed.playing(chosen) if listed.models else chosen
        return next((model for model in listed.models if model["name"] == name), {"name": name})

    async def situation(self, conversation: int) -> Situation:
        """Return what every prompt depends on. What is not known yet is read from the store in one round trip."""
        scope = scope_of(self._registry, await self._queries.settings())
        rows, model, _, profiles = await asyncio.gather(
            self._rows(scope),
            self._model(),
            self._queries.messages(conversation),
            self._queries.profiles(),
        )
        app = self._registry.apps.get(scope.app)
        return Situation(
            app=scope.app,
            app_prompt=app.call("prompt", str, "") if app else "",
            tables=scope.tables,
            apps=scope.apps,
            rows=tuple(rows[0]),
            more_rows=rows[1],
            profile=profiles.get(scope.profile, ""),
            lately=tuple(self._queries.recent_actions),
            context_tokens=model.get("context") or 0,
        )

    async def _rows(self, scope: Scope) -> tuple[list[Row], bool]:
        return await self._queries.rows(scope.tables[0], scope.profile) if scope.tables else ([], False)


def _options(purpose: Purpose, model: Values) -> Values:
    """Return Ollama's options. The context is always the same size: with another one Ollama would reload the model."""
    options: Values = {"num_ctx": used_context(model["context"])} if model.get("context") else {}
    if purpose != "comment":
        return options
    options |= {"num_predict": COMMENT_TOKENS}
    return options | {"think": False} if "thinking" in (model.get("capabilities") or ()) else options
