"""A server of OpenAI's chat protocol: its models, and chats as streams of pieces."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from bus.messages import LlmGenerate, Values
from bus.servers.tables import ServerTable
from bus.settings import Settings
from llm_worker.contract import About, Model, Patience, Pulled
from llm_worker.http import Connection, Request
from llm_worker.keys import Keys
from llm_worker.openai.chunks import ChunkReader
from llm_worker.openai.lists import read_models
from llm_worker.openai.request import body, refused_field, without
from llm_worker.openai.traits import Traits, read_traits, template_capabilities
from llm_worker.problems import CannotDo, Refused, ServerProblem, WrongProtocol
from llm_worker.stream.json_values import count, member
from llm_worker.stream.pieces import Piece, Progress

MISSING = (404, 405, 501)
MOST_ATTEMPTS = 6
"""So often an answer is asked for, each time without a further field that the server refused."""


class OpenAiServer:
    """One server of `pianola.toml`, or the embedded engine."""

    present = True
    note = ""

    def __init__(self, about: About, key: Callable[[], str], settings: Settings, wanted: tuple[str, ...] = ()) -> None:
        """Connects with the first request. `key`: gives its key; `wanted`: only these of its models are listed."""
        self.about = about
        self._wanted = wanted
        self._traits = Traits()
        self._refused: dict[str, list[str]] = {}
        """Fields of a request that the server refused, by model."""
        patience = Patience(settings.first_token_seconds, settings.idle_seconds)
        self._connection = Connection(about, key, patience)

    @classmethod
    def of(cls, table: ServerTable, settings: Settings, keys: Keys) -> "OpenAiServer":
        """Return the server of a table in the settings."""
        about = About(table.name, table.kind, table.address, table.local, table.file)
        return cls(about, lambda: keys.of(table.name), settings, table.models)

    async def close(self) -> None:
        """Close all connections."""
        await self._connection.close()

    # --- models ---

    async def models(self) -> list[Model]:
        """Return its models. A server without a list plays the models that are named in its table."""
        entries = await self._entries()
        self._traits = read_traits(entries)
        models = read_models(entries, self.about, self._wanted)
        return await self._described(models) if self._traits.llama_cpp and len(models) == 1 else models

    def find(self, models: list[Model], name: str) -> Model | None:
        """Return the model of exactly this name."""
        return next((model for model in models if model.name == name), None)

    async def _entries(self) -> list[Any]:
        try:
            entries = (await self._connection.look("GET", "/models")).get("data")
        except ServerProblem as problem:
            if self._wanted and problem.status in MISSING:
                return []
            raise
        if type(entries) is list:
            return entries
        raise WrongProtocol(self.about, repr(entries), "a list of models")

    async def _described(self, models: list[Model]) -> list[Model]:
        """Return llama.cpp's only model with what /props tells: what its template can do, and its context."""
        try:
            props = await self._connection.look("GET", self.about.address.removesuffix("/v1") + "/props")
        except ServerProblem as problem:
            if problem.status in MISSING:
                return models
            raise
        context = count(member(props, "default_generation_settings").get("n_ctx"))
        return [
            replace(model, capabilities=template_capabilities(props), context=context or model.context)
            for model in models
        ]

    async def unload(self, _model: Model) -> None:
        """Refuse: the protocol has no such request."""
        raise CannotDo(self.about, "take a model out of memory")

    async def pull(self, _model: str) -> AsyncGenerator[Pulled, None]:
        """Refuse: the protocol has no such request."""
        raise CannotDo(self.about, "get models")
        yield Pulled()  # makes it a generator

    # --- chats ---

    async def chat(self, order: LlmGenerate, model: Model) -> AsyncGenerator[Piece, None]:
        """Yield the pieces of an answer, as `Server.chat` promises."""
        asked = body(order, model.name, self._traits)
        for name in self._refused.get(model.name, ()):
            asked = without(asked, name)
        for _ in range(MOST_ATTEMPTS):
            try:
                async with aclosing(self._pieces(asked, model)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except Refused as refused:
                name = refused_field(asked, refused.said) if refused.status in (400, 422) else ""
                if not name:
                    raise
            asked = without(asked, name)
            self._refused.setdefault(model.name, []).append(name)
        raise Refused(self.about, model.name, 400, f"it refuses {', '.join(self._refused[model.name])}, and still more")

    def _pieces(self, asked: Values, model: Model) -> AsyncGenerator[Piece, None]:
        request = Request(
            "/chat/completions",
            asked,
            model.name,
            begin=Progress("waiting"),
            accepted=None if self._traits.llama_cpp else Progress("reading"),  # llama.cpp itself says when it reads
        )
        return self._connection.stream(request, ChunkReader(self.about, model.name))
