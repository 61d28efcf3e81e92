"""The list of all models, and the default model.

Each server is looked at by itself, again and again, so that a slow or broken one delays nobody. The list changes when a
server starts, stops, or has other models.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from bus.embedded.files import installed as engine_installed
from bus.messages import LlmListed, Values
from bus.servers.tables import RECOMMENDED_MODEL
from bus.servers.titles import called
from llm_worker.choice import best, memory_of_this_machine
from llm_worker.contract import EMBEDDED, OLLAMA, Model, Server
from llm_worker.offers import offered
from llm_worker.player_cards import read_cards
from llm_worker.problems import ExtraMissing, NoSensibleModel, ServerProblem, shown

PRESENT_SECONDS = 10.0
"""Time between two looks at a server that answers."""
ABSENT_SECONDS = 3.0
"""Time between two looks at one that does not."""
DISTANT_SECONDS = 600.0
"""Time between two looks at one that is not on this machine. A failed answer makes us look at once."""

REHEARSAL = "rehearsal"
"""Name of the built-in player."""
CARDS = {card.name: card for card in read_cards()[0]}
"""The players of our own, by name."""


class Watched:
    """One server, and what the last look has found."""

    def __init__(self, server: Server) -> None:
        """Nothing is known before the first `look`."""
        self.server = server
        self.models: list[Model] = []
        self.problem = ""
        """Why there are no models, or not all; "" when all is well."""
        self.looked = asyncio.Event()
        """The first look is over."""
        self._look_now = asyncio.Event()

    def find(self, name: str) -> Model | None:
        """Return the model of that name, None if there is none."""
        return self.server.find(self.models, name)

    def look_soon(self) -> None:
        """Look now and not only after the usual pause, because the list may be out of date."""
        self._look_now.set()

    async def look(self) -> None:
        """Ask the server for its models."""
        try:
            self.models = [as_player(model) for model in await self.server.models()]
            self.problem = self.server.note
        except ServerProblem as problem:
            self.models, self.problem = [], str(problem)
        self.looked.set()

    async def watch(self, changed: Callable[[], None]) -> None:
        """Look again and again; call `changed` after each look."""
        while True:
            await self.look()
            changed()
            await self._wait()

    async def _wait(self) -> None:
        near = ABSENT_SECONDS if self.problem else PRESENT_SECONDS
        try:
            async with asyncio.timeout(near if self.server.about.local else DISTANT_SECONDS):
                await self._look_now.wait()
        except TimeoutError:
            pass
        self._look_now.clear()


class Listing:
    """All servers and their models."""

    def __init__(self, servers: Sequence[Server], wanted: str, model_host: str) -> None:
        """`servers`: Ollama first. `wanted`: the model that the settings name, "" for none. `model_host`: its URL."""
        self._watched: dict[str, Watched] = {}
        self.use(servers)
        self._wanted = wanted
        self._model_host = model_host
        self._memory = memory_of_this_machine()
        self.listed = self._list()

    def use(self, servers: Sequence[Server]) -> None:
        """List the models of these servers, Ollama first. What is known of those that stay is kept."""
        known = {watched.server: watched for watched in self._watched.values()}
        self._watched = {server.about.name: known.get(server) or Watched(server) for server in servers}

    @property
    def watched(self) -> Iterable[Watched]:
        """All servers, Ollama first."""
        return self._watched.values()

    def watched_of(self, server: str) -> Watched:
        """Return the server of this name."""
        return self._watched[server]

    def refresh(self) -> bool:
        """Make the list again from the last looks. Return whether it has changed."""
        before, self.listed = self.listed, self._list()
        return self.listed != before

    def place(self, name: str) -> tuple[Watched, str]:
        """Return the server that a model's name on the bus belongs to, and the name that the server itself uses."""
        server, slash, own = name.partition("/")
        if slash and server in self._watched and server != OLLAMA:
            return self._watched[server], own
        return self._watched[OLLAMA], name

    def find(self, name: str) -> Model | None:
        """Return the model of that name on the bus, None if there is none."""
        watched, own = self.place(name)
        return watched.find(own)

    # --- the list ---

    def _list(self) -> LlmListed:
        default = self._default()
        ollama = self._watched[OLLAMA]
        models = [model.as_values() for watched in self.watched for model in watched.models]
        return LlmListed(
            player=player(default),
            default=default.full_name if default else REHEARSAL,
            models=models if default and default.server == OLLAMA else [*models, rehearsal()],
            host=ollama.server.about.address,
            problem=self._what_is_wrong(default) if default else self._nothing_plays(ollama),
            servers=[one.server.about.as_values(one.problem) for one in self.watched if one.server.present],
            offers=self._offers(),
        )

    def _offers(self) -> list[Values]:
        installed = {model.full_name for watched in self.watched for model in watched.models}
        problems = {OLLAMA: self._watched[OLLAMA].problem, EMBEDDED: "" if engine_installed() else str(ExtraMissing())}
        return offered(self._model_host, self._memory, installed, problems)

    def _default(self) -> Model | None:
        """Return the default model: the wanted one, else the best of the first server on this machine that has one.

        One that only talks plays only when there is no other.
        """
        if self._wanted and (model := self.find(self._wanted)):
            return model
        each = [model for watched in self.watched if (model := best(watched.models, self._memory))]
        return next((model for model in each if model.plays), each[0] if each else None)

    def _what_is_wrong(self, default: Model) -> str:
        if self._wanted and not self.find(self._wanted):
            return self._wanted_is_missing(default)
        return "" if default.plays else only_talks(default)

    def _wanted_is_missing(self, default: Model) -> str:
        watched, own = self.place(self._wanted)
        wanted, instead = shown(self._wanted), f"{default.full_name} plays instead"
        if watched.server.about.name == OLLAMA:
            return f"PIANOLA_MODEL={wanted!r} is not installed: {instead}. Get it with `ollama pull {wanted}`."
        reason = watched.problem or f"{watched.server.about.title} has no model {shown(called(own))!r}."
        return f"PIANOLA_MODEL={wanted!r} cannot be used: {instead}. {reason}"

    def _nothing_plays(self, ollama: Watched) -> str:
        """Return why the rehearsal player plays."""
        if not all(watched.looked.is_set() for watched in self.watched) and not ollama.problem:
            return ""
        if elsewhere := [model for watched in self.watched for model in watched.models if model.chats]:
            return only_elsewhere(elsewhere, ollama)
        return ollama.problem or str(NoSensibleModel(ollama.server.about, RECOMMENDED_MODEL))


def only_elsewhere(models: list[Model], ollama: Watched) -> str:
    """Return the sentence for models none of which is on this machine: the user must choose one himself."""
    if all(model.cloud for model in models):
        return str(NoSensibleModel(ollama.server.about, RECOMMENDED_MODEL))
    return (
        f"No model is on this machine. {models[0].full_name} and others are elsewhere: with them what you write leaves "
        f"this machine. Choose one in the menu, or name it in PIANOLA_MODEL."
    )


def only_talks(model: Model) -> str:
    """Return the sentence for a model that is too small."""
    return (
        f"{model.full_name} talks, but is too small to carry out orders such as “add milk”. Get a larger model: in the "
        f"page, in the menu of models."
    )


def as_player(model: Model) -> Model:
    """Return the model with what is known of it if it has the name of a player of our own. Ollama adds a tag to it."""
    card = CARDS.get(model.name.partition(":")[0])
    if card is None:
        return model
    return replace(model, form=card.form, title=card.title, comparable_bytes=card.comparable_bytes, plays=True)


def player(default: Model | None) -> Literal["ollama", "rehearsal", "server"]:
    """Return what plays by default, as in `llm.listed`."""
    if default is None:
        return "rehearsal"
    return "ollama" if default.server == OLLAMA else "server"


def rehearsal() -> Values:
    """Return the built-in player in the form of a model."""
    return Model(REHEARSAL, server="", loaded=True, capabilities=("completion",)).as_values()
