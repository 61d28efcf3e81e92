"""Ollama's HTTP API, the part that we use: installed models, loaded models, and chats as streams of pieces.

The protocol is described on the page “API” of the Ollama project. The errors: `llm_worker/problems.py`, one class each.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from bus.messages import LlmGenerate, Values
from bus.servers.tables import is_loopback
from bus.settings import Settings
from llm_worker.contract import OLLAMA, About, Model, Patience, Pulled
from llm_worker.http import Connection, Request
from llm_worker.keys import Keys
from llm_worker.ollama.importing import PlayerImport, player_named
from llm_worker.ollama.known_tokens import KnownTokens
from llm_worker.ollama.lines import LineReader
from llm_worker.ollama.lists import full_name, read_loaded, read_model, read_show
from llm_worker.ollama.pulling import PullReader
from llm_worker.problems import BadKey, ModelMissing, PullFailed, Refused, ServerProblem, StreamCut, WrongProtocol
from llm_worker.stream.calls import sendable
from llm_worker.stream.pieces import Piece, Progress

MOST_SHOWN = 300
"""Of so many models, the newest, more is asked than the list tells."""


class Ollama:
    """The server at `OLLAMA_HOST`."""

    present = True
    note = ""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        """Connects with the first request."""
        host = settings.ollama_host
        self.about = About(OLLAMA, "ollama", host, is_loopback(host))
        self._settings = settings
        self._keys = keys
        patience = Patience(settings.first_token_seconds, settings.idle_seconds)
        self._connection = Connection(self.about, self._key, patience)
        self._shown: dict[str, Model] = {}
        """Answers of /api/show, by digest."""
        self._known = KnownTokens()
        self._running = 0
        self._without_think: set[str] = set()
        """Models that are listed as thinking, and refused `think`."""

    def _key(self) -> str:
        try:
            return self._keys.of(OLLAMA)
        except BadKey:
            if self.about.local:
                return ""  # an Ollama on this machine wants none
            raise

    async def close(self) -> None:
        """Close all connections."""
        await self._connection.close()

    # --- models ---

    async def models(self) -> list[Model]:
        """Return the installed models. Which are loaded is only a hint: it may be unknown."""
        tags = await self._listing("/api/tags")
        try:
            loaded = read_loaded(await self._listing("/api/ps"))
        except ServerProblem as problem:
            if not hint_is_missing(problem):
                raise
            loaded = {}
        models = [model for tag in tags if (model := read_model(tag, loaded, on_this_machine=self.about.local))]
        return [*[await self._completed(model) for model in models[:MOST_SHOWN]], *models[MOST_SHOWN:]]

    def find(self, models: list[Model], name: str) -> Model | None:
        """Return the installed model of this name. Ollama ignores case, and adds the tag `latest` where none is."""
        wanted = full_name(name)
        return next((model for model in models if full_name(model.name) == wanted), None)

    async def _completed(self, model: Model) -> Model:
        """Return the model with what only /api/show tells: its own window, and on old servers its capabilities."""
        if model.digest not in self._shown:
            try:
                self._shown[model.digest] = read_show(
                    await self._connection.look("POST", "/api/show", {"model": model.name})
                )
            except ServerProblem:
                return model  # the next look asks again
        shown = self._shown[model.digest]
        return replace(
            model,
            capabilities=model.capabilities or shown.capabilities,
            context=model.context or shown.context,
            window=shown.window,
        )

    async def _listing(self, path: str) -> list[Any]:
        models = (await self._connection.look("GET", path)).get("models")
        if models is None or type(models) is list:
            return models or []
        raise WrongProtocol(self.about, repr(models), "a list of models")

    # --- chats ---

    async def chat(self, order: LlmGenerate, model: Model) -> AsyncGenerator[Piece, None]:
        """Yield the pieces of an answer, as `Server.chat` promises."""
        prompt = self._known.prompt(model.name, order, loaded=model.loaded)
        self._running += 1
        try:
            async with aclosing(self._pieces(order, model)) as pieces:
                async for piece in pieces:
                    yield replace(piece, counts=self._known.counted(prompt, piece.counts)) if piece.end else piece
        finally:
            self._running -= 1

    async def _pieces(self, order: LlmGenerate, model: Model) -> AsyncGenerator[Piece, None]:
        """Yield the pieces; a model that refuses `think`, although it is listed as thinking, is asked without it."""
        asked = body(order, model, may_think=model.name not in self._without_think)
        request = Request("/api/chat", asked, model.name, Progress(self._first_state(model)))
        try:
            async with aclosing(self._connection.stream(request, LineReader(self.about, model.name))) as pieces:
                async for piece in pieces:
                    yield piece
            return
        except Refused as refused:
            if "think" not in asked or refused.status != 400 or "think" not in refused.said:
                raise
        self._without_think.add(model.name)
        async with aclosing(self._pieces(order, model)) as pieces:
            async for piece in pieces:
                yield piece

    # --- getting models, and freeing memory ---

    async def pull(self, model: str) -> AsyncGenerator[Pulled, None]:
        """Get a model from Ollama's library, or a player of our own, as `Server.pull` promises."""
        if card := player_named(model):
            async with aclosing(PlayerImport(card, self._settings, self.about, self._connection).run()) as states:
                async for state in states:
                    yield state
            return
        reader = PullReader(self.about, model)
        try:
            asked = {"model": model, "stream": True}
            async with aclosing(self._connection.states("/api/pull", asked, model, reader.read)) as states:
                async for state in states:
                    yield state
        except (Refused, ModelMissing) as refused:
            raise PullFailed(self.about, model, getattr(refused, "said", "") or "not found") from refused
        except StreamCut as cut:
            raise PullFailed(self.about, model, f"the download broke off ({cut.reason})") from cut
        if not reader.succeeded:
            raise PullFailed(self.about, model, "it broke off before the end")

    async def unload(self, model: Model) -> None:
        """Take a model out of memory: Ollama does that when it is asked to keep it for 0 s."""
        await self._connection.look(
            "POST", "/api/chat", {"model": model.name, "messages": [], "keep_alive": 0, "stream": False}
        )

    def _first_state(self, model: Model) -> Any:
        """Return what Ollama does until its first byte comes: it says nothing before, so this is what we know."""
        if not model.loaded:
            return "loading"
        return "waiting" if self._running else "reading"


def hint_is_missing(problem: ServerProblem) -> bool:
    """Return whether a server lacks /api/ps, which only adds a hint. (A redirection or a cut is worth a sentence.)"""
    return problem.status in (404, 405, 501)


def body(order: LlmGenerate, model: Model, *, may_think: bool) -> Values:
    """Return the body of a request to /api/chat. `think` and `keep_alive` belong beside `options`, not into them."""
    options = dict(order.options)
    think, keep_alive = options.pop("think", None), options.pop("keep_alive", None)
    messages = [with_sendable_calls(message) for message in order.messages]
    asked = {"model": model.name, "messages": messages, "options": options, "stream": True}
    asked |= ({"tools": order.tools} if order.tools else {}) | ({"format": order.format} if order.format else {})
    asked |= {} if keep_alive is None else {"keep_alive": keep_alive}
    may_think = may_think and "thinking" in model.capabilities
    return asked | ({"think": think} if may_think and think is not None else {})


def with_sendable_calls(message: Values) -> Values:
    """Return a message in which Ollama can read each call of a tool."""
    calls = message.get("tool_calls")
    return message | {"tool_calls": [sendable(call) for call in calls]} if type(calls) is list and calls else message
