"""The contract for a kind of server: all that the rest of the worker knows of it.

A further kind is a folder beside `ollama/` and `openai/` with a class that has these methods, and a line in
`servers.py`. What can go wrong is a `ServerProblem` (`problems.py`); anything else counts as our own mistake.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bus.messages import LlmGenerate, Values
from bus.servers.tables import Kind
from llm_worker.stream.pieces import Piece

OLLAMA = "ollama"
"""Name of the server at `OLLAMA_HOST`."""

EMBEDDED = "embedded"
"""Name of the engine that comes with the extra of that name."""
TITLES = {"ollama": "Ollama", "embedded": "The embedded engine"}
SETTINGS = {"ollama": "OLLAMA_HOST", "embedded": "PIANOLA_GGUF"}

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class About:
    """Which server it is; errors name it in these words."""

    name: str
    kind: Kind
    address: str
    local: bool
    """It is on this machine."""
    file: str = ""
    """Name of the file in which its address stands, "" for Ollama."""

    @property
    def title(self) -> str:
        """How a sentence begins that is about it."""
        return TITLES.get(self.kind) or f"The server {self.name!r}"

    @property
    def setting(self) -> str:
        """Where its address, or its file, is set."""
        return SETTINGS.get(self.kind) or f"`address` in [servers.{self.name}] of {self.file}"

    def as_values(self, problem: str) -> Values:
        """Return the map that `llm.listed` carries in `servers`."""
        return {
            "name": self.name,
            "kind": self.kind,
            "address": self.address,
            "local": self.local,
            "problem": problem,
        }


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a server."""

    name: str
    """As its own server calls it."""
    server: str = OLLAMA
    local: bool = True
    """It runs on this machine."""
    size: int = 0
    digest: str = ""
    modified: datetime = LONG_AGO
    cloud: bool = False
    """Ollama's own word for a model that it passes on to its hosted service."""
    loaded: bool = False
    loaded_until: float = 0.0
    """Unix seconds when its server takes it out of memory; 0: unknown, or not loaded."""
    capabilities: tuple[str, ...] = ()
    """As in Ollama's API: completion, tools, thinking …; empty: unknown."""
    context: int = 0
    """Size of the context in tokens; 0: unknown."""
    window: int = 0
    """The part of the context that the model itself asks for, in tokens; 0: it does not say."""
    plays: bool = True
    """It understands orders, as far as we know; else it only talks."""
    form: int = 0
    """The form of prompt that it was taught, if it is a player of our own; 0: none."""
    title: str = ""
    """What people call it; "": its name."""
    comparable_bytes: int = 0
    """The size of the general models that understand orders about as well; 0: as its own size says."""

    @property
    def full_name(self) -> str:
        """The name on the bus: SERVER/NAME, but Ollama's models keep their names."""
        return self.name if self.server in (OLLAMA, "") else f"{self.server}/{self.name}"

    @property
    def chats(self) -> bool:
        """Whether it can chat. When nothing is known of a model, we assume that it can."""
        return "completion" in self.capabilities or not self.capabilities

    def as_values(self) -> Values:
        """Return the map that `llm.listed` carries in `models`."""
        return {
            "name": self.full_name,
            "size": self.size,
            "loaded": self.loaded,
            "loaded_until": self.loaded_until,
            "cloud": self.cloud,
            "capabilities": list(self.capabilities),
            "context": self.context,
            "window": self.window,
            "server": self.server,
            "local": self.local,
            "plays": self.plays,
            "form": self.form,
            "title": self.title,
        }


@dataclass(frozen=True, slots=True)
class Pulled:
    """How far a pull has come; the fields are those of `llm.pulled`."""

    done: int = 0
    total: int = 0
    note: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer is waited for, in seconds."""

    first_token: float
    idle: float
    """Between two tokens."""


class Server(Protocol):
    """One server of models."""

    about: About
    note: str
    """What stands in the way of some of its models, as the last look found: a sentence for the user, or ""."""

    @property
    def present(self) -> bool:
        """Whether it is listed among the servers."""

    async def models(self) -> list[Model]:
        """Return its models now. Raises a `ServerProblem`."""

    def find(self, models: list[Model], name: str) -> Model | None:
        """Return the model that the server itself would use for this name, None if there is none."""

    def chat(self, order: LlmGenerate, model: Model) -> AsyncGenerator[Piece, None]:
        """Return the answer in pieces; the last one has `end`. Closing the generator closes the connection at once.

        Raises a `ServerProblem` when the server refuses, or when the answer breaks off. Pieces with `progress` say what
        the server does, as far as it lets that be known.
        """

    def pull(self, model: str) -> AsyncGenerator[Pulled, None]:
        """Get a model, and yield how far that has come. Closing the generator stops it; a later pull goes on there.

        Raises a `ServerProblem`, also when this kind of server cannot do it.
        """

    async def unload(self, model: Model) -> None:
        """Free the memory that a model takes. Raises a `ServerProblem`, also when this kind of server cannot do it."""

    async def close(self) -> None:
        """Close all connections."""
