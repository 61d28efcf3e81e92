"""From a row that asks for an answer to the order to generate it: what the model is told, and how it plays."""

import asyncio
from dataclasses import dataclass, replace

from apps.registry import Registry
from apps.tables import Row
from bus.messages import LlmGenerate, Purpose, Values
from services.agent.parse.instructions import Scope
from services.agent.prompt.layers import Layer, Situation, compose, compose_note, window
from services.agent.prompt.personas import Personas
from services.agent.prompt.syntax import schema, tools
from services.agent.prompt.turns import turns_before, turns_of_note
from services.agent.state.live_query import LiveQueries
from services.agent.state.paths import Path, Paths
from services.agent.state.scope import scope_of

TOKENS_OF_A_REMARK = 120


def generation_of(row: Row) -> str:
    """Return the name of the run that a row asks for."""
    return f"{row['id']}.{row['attempt']}"


@dataclass(frozen=True, slots=True)
class BuiltPrompt:
    """An order to generate, and how it came about."""

    order: LlmGenerate
    layers: tuple[Layer, ...]
    path: Path
    window: int
    """Tokens of the model's window that are used."""

    @property
    def characters(self) -> int:
        """Length of all that the model is told."""
        return sum(len(one["content"]) for one in self.order.messages)


class PromptBuilder:
    """Knows all that a prompt is made of."""

    def __init__(self, queries: LiveQueries, registry: Registry, paths: Paths, personas: Personas) -> None:
        """Asks for nothing before it is needed."""
        self._queries = queries
        self._registry = registry
        self._paths = paths
        self._personas = personas

    async def order(self, row: Row) -> BuiltPrompt:
        """Return the order to generate the text of a row."""
        if row["purpose"] == "note":
            return await self._note(row)
        purpose: Purpose = row["purpose"]
        model = await self._model()
        path: Path = "text" if purpose == "comment" else await self._paths.of(model, row)
        situation, persona = await self.situation(row["conversation"]), await self._personas.chosen()
        situation = replace(
            situation,
            persona=persona.layer,
            remark_words=persona.remark_words,
            turns=turns_before(await self._queries.messages(row["conversation"]), row),
            kept=row["text"],
            happened=(row["detail"] or {}).get("happened", "") if purpose == "comment" else "",
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
        return BuiltPrompt(order, prompt.layers, path, window(situation.context_tokens))

    async def _note(self, row: Row) -> BuiltPrompt:
        model = await self._model()
        turns = turns_of_note(await self._queries.messages(row["conversation"]), row)
        prompt = compose_note(turns, model.get("context") or 0)
        order = LlmGenerate(
            generation=generation_of(row),
            conversation=row["conversation"],
            model=model["name"],
            messages=prompt.messages,
            options=_options("step", model),
            purpose="step",
        )
        return BuiltPrompt(order, prompt.layers, "text", window(model.get("context") or 0))

    async def _model(self) -> Values:
        listed, chosen = self._queries.listed, (await self._queries.settings()).get("model") or ""
        name = listed.playing(chosen) if listed.models else chosen
        return next((model for model in listed.models if model["name"] == name), {"name": name})

    async def situation(self, conversation: int) -> Situation:
        """Return what every prompt depends on; what is not known yet is asked for, all at once."""
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
            lately=tuple(self._queries.happened),
            context_tokens=model.get("context") or 0,
        )

    async def _rows(self, scope: Scope) -> tuple[list[Row], bool]:
        return await self._queries.rows(scope.tables[0], scope.profile) if scope.tables else ([], False)


def _options(purpose: Purpose, model: Values) -> Values:
    """Return Ollama's options: always the same window, because another one would load the model anew."""
    options: Values = {"num_ctx": window(model["context"])} if model.get("context") else {}
    if purpose != "comment":
        return options
    options |= {"num_predict": TOKENS_OF_A_REMARK}
    return options | {"think": False} if "thinking" in (model.get("capabilities") or ()) else options
