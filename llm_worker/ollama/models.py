"""The list of models, and the default model.

Every few seconds Ollama is asked for its models. The list changes when Ollama starts, stops, or has other models.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bus.messages import LlmListed, Values
from bus.settings import Settings
from llm_worker.ollama.api import Ollama
from llm_worker.problems import NoSensibleModel, OllamaProblem, shown

PRESENT_SECONDS = 10.0
"""Time between two checks while Ollama answers."""
ABSENT_SECONDS = 3.0
"""Time between two checks while it does not."""

REHEARSAL = "rehearsal"
"""Name of the built-in player."""

SUGGESTION = "qwen3:4b"
"""The model that we suggest: small enough for most machines, and it can use tools."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Model:
    """A model, as described in Ollama's lists."""

    name: str
    size: int = 0
    digest: str = ""
    modified: datetime = LONG_AGO
    cloud: bool = False
    loaded: bool = False
    capabilities: tuple[str, ...] = ()
    context: int = 0
    """Size of the context in tokens; 0: unknown."""

    @property
    def chats(self) -> bool:
        """Whether it can chat. Old servers list no capabilities; then we assume that it can."""
        return "completion" in self.capabilities or not self.capabilities

    def as_values(self) -> Values:
        """Return the map that `llm.listed` carries."""
        return {
            "name": self.name,
            "size": self.size,
            "loaded": self.loaded,
            "cloud": self.cloud,
            "capabilities": list(self.capabilities),
            "context": self.context,
        }


class Models:
    """The models that the last check has found."""

    def __init__(self, settings: Settings, ollama: Ollama) -> None:
        """Start with the rehearsal player alone, until the first `look`."""
        self.listed = LlmListed(player="rehearsal", default=REHEARSAL, models=[rehearsal()], host=ollama.host)
        self._models: list[Model] = []
        self._wanted = settings.model
        self._ollama = ollama
        self._shown: dict[str, Model] = {}
        """Answers of /api/show by digest, for servers whose list has no capabilities or context."""
        self._look_now = asyncio.Event()

    def find(self, name: str) -> Model | None:
        """Return the installed model of that name, None if there is none."""
        return find(self._models, name)

    def look_soon(self) -> None:
        """Check now and not only after the usual pause, because the list may be out of date."""
        self._look_now.set()

    async def wait(self) -> None:
        """Wait until the next check is due."""
        seconds = ABSENT_SECONDS if self.listed.player == "rehearsal" else PRESENT_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await self._look_now.wait()
        except TimeoutError:
            pass
        self._look_now.clear()

    async def look(self) -> bool:
        """Ask Ollama for its models. Return whether the list has changed."""
        before = self.listed
        try:
            self._models = await self._found()
        except OllamaProblem as problem:
            self._models = []
            self.listed = self._rehearsal_list(str(problem))
        else:
            self.listed = self._ollama_list()
        return self.listed != before

    def _rehearsal_list(self, problem: str) -> LlmListed:
        """Return the list with the rehearsal player as default. The user can still choose a model of Ollama, if any."""
        models = [*(model.as_values() for model in self._models), rehearsal()]
        return LlmListed(player="rehearsal", default=REHEARSAL, models=models, host=self._ollama.host, problem=problem)

    def _ollama_list(self) -> LlmListed:
        default = default_model(self._models, self._wanted)
        if default is None:
            return self._rehearsal_list(str(NoSensibleModel(self._ollama.host, SUGGESTION)))
        return LlmListed(
            player="ollama",
            default=default.name,
            models=[model.as_values() for model in self._models],
            host=self._ollama.host,
            problem=self._wanted_is_missing(default),
        )

    def _wanted_is_missing(self, default: Model) -> str:
        if not self._wanted or find(self._models, self._wanted):
            return ""
        wanted = shown(self._wanted)
        return (
            f"PIANOLA_MODEL={wanted!r} is not installed: {default.name} plays instead. "
            f"Get it with `ollama pull {wanted}`."
        )

    async def _found(self) -> list[Model]:
        tags = await self._ollama.tags()
        loaded = {name_of(process) for process in await self._ollama.processes()}
        models = [model for tag in tags if (model := read_model(tag, loaded))]
        return [await self._completed(model) for model in models]

    async def _completed(self, model: Model) -> Model:
        """Return the model with its capabilities and context. Old servers give them only in /api/show."""
        if model.capabilities and model.context:
            return model
        if model.digest not in self._shown:
            try:
                self._shown[model.digest] = read_show(await self._ollama.show(model.name))
            except OllamaProblem:
                return model  # the next check asks again
        shown = self._shown[model.digest]
        return replace(
            model,
            capabilities=model.capabilities or shown.capabilities,
            context=model.context or shown.context,
        )


def default_model(models: Iterable[Model], wanted: str) -> Model | None:
    """Return the default model: `wanted` if installed, else a loaded one, else the newest; never one in the cloud."""
    models = list(models)
    if wanted and (model := find(models, wanted)):
        return model
    local = [model for model in models if model.chats and not model.cloud]
    return max(local, key=lambda model: (model.loaded, model.modified), default=None)


def find(models: Iterable[Model], name: str) -> Model | None:
    """Return the model that Ollama itself would use for this name: ignore case, and use `latest` without a tag."""
    wanted = full_name(name)
    return next((model for model in models if full_name(model.name) == wanted), None)


def full_name(name: str) -> str:
    """Return a name in lower case and with a tag. (A colon before the last slash belongs to a port.)"""
    name = name.strip().lower()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def rehearsal() -> Values:
    """Return the built-in player in the form of a model."""
    return Model(REHEARSAL, loaded=True, capabilities=("completion",)).as_values()


# --- reading Ollama's lists; a value of an unexpected type counts as missing ---


def name_of(tag: Any) -> str:
    """Return the name in an element of a list, "" if it has none."""
    name = (tag.get("model") or tag.get("name")) if type(tag) is dict else ""
    return name if type(name) is str else ""


def read_model(tag: Any, loaded: set[str]) -> Model | None:
    """Return the model in an element of /api/tags; None when it has no name."""
    name = name_of(tag)
    if not name:
        return None
    details = tag.get("details")
    return Model(
        name=name,
        size=number(tag.get("size")),
        digest=str(tag.get("digest") or name),
        modified=moment(tag.get("modified_at")),
        cloud=bool(tag.get("remote_host") or tag.get("remote_model")) or is_cloud(name),
        loaded=name in loaded,
        capabilities=texts(tag.get("capabilities")),
        context=number(details.get("context_length")) if type(details) is dict else 0,
    )


def read_show(values: Values) -> Model:
    """Return a model with the capabilities and the context in an answer of /api/show."""
    information = values.get("model_info")
    items = information.items() if type(information) is dict else ()
    context = next((number(value) for name, value in items if str(name).endswith(".context_length")), 0)
    return Model("", capabilities=texts(values.get("capabilities")), context=context)


def is_cloud(name: str) -> bool:
    """Return whether the name says that the model runs in the cloud: its tag is `cloud` or ends in `-cloud`."""
    tag = full_name(name).rpartition(":")[2]
    return tag == "cloud" or tag.endswith("-cloud")


def number(value: Any) -> int:
    """Return the value if it is an integer of 0 or more, else 0."""
    return value if type(value) is int and 0 <= value < 2**63 else 0


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts in a list, without other values."""
    return tuple(item for item in value if type(item) is str) if type(value) is list else ()


def moment(value: Any) -> datetime:
    """Return the time in a text as Ollama writes it (RFC 3339, any zone)."""
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return LONG_AGO
    return read if read.tzinfo else read.replace(tzinfo=UTC)
