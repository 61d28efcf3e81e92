"""Which model answers and which one remarks, and how each is asked: as the user chose, else as is best."""

from dataclasses import dataclass
from typing import Any

from apps.models import is_local
from bus.messages import Purpose, Values
from services.agent.limits import ANSWER_TOKENS, COMMENT_TOKENS, DEFAULT_CONTEXT_TOKENS, MAX_CONTEXT_TOKENS
from services.agent.state.live_query import LiveQueries

MODELS, MODEL, REMARK_MODEL, GENERAL_MODEL = "models", "model", "remark_model", "general_model"
"""Keys of settings: how each model is asked; the one that answers; the one that remarks and sums up ("": the same);
the one that answers what is beyond a player of our own ("": the best on this machine)."""


QUICK_BYTES = 6 * 1024**3
"""Larger models are slow without a graphics card."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model as the worker lists it, and how it is asked."""

    model: Values
    wishes: Values
    """What the user chose for it: `window`, `most_tokens`, `temperature`, `keep_alive`, `think`."""
    instead_of: str = ""
    """The model that the user chose, when it is not there."""

    @property
    def name(self) -> str:
        """The name under which it is ordered."""
        return str(self.model["name"])

    @property
    def window(self) -> int:
        """Tokens of its context that are used: as chosen, as the model itself asks for, else as is usual."""
        most = _whole(self.model.get("context"))
        wanted = _whole(self.wishes.get("window")) or _whole(self.model.get("window"))
        if not wanted:
            return min(most or DEFAULT_CONTEXT_TOKENS, MAX_CONTEXT_TOKENS)
        return min(wanted, most) if most else wanted

    @property
    def form(self) -> int:
        """The form of prompt that it was taught, if it is a player of our own; 0: none."""
        return _whole(self.model.get("form"))

    def options(self, purpose: Purpose) -> Values:
        """Return how it is asked. With another window Ollama would load it again, so that is the same for all."""
        options: Values = {"num_predict": _whole(self.wishes.get("most_tokens")) or ANSWER_TOKENS}
        if self.wishes.get("window") or (self.model.get("context") and not self.model.get("window")):
            options["num_ctx"] = self.window
        options |= {name: self.wishes[name] for name in ("temperature", "keep_alive", "think") if name in self.wishes}
        if purpose == "comment":  # a remark is short, and never a thought
            options["num_predict"] = min(COMMENT_TOKENS, options["num_predict"])
            if "thinking" in (self.model.get("capabilities") or ()):
                options["think"] = False
        return options


class ModelChooser:
    """Finds the models in the worker's list by the user's settings."""

    def __init__(self, queries: LiveQueries) -> None:
        """Nothing is read before it is needed."""
        self._queries = queries

    def answering(self, settings: Values) -> Chosen:
        """Return the model that answers a question under these settings."""
        return self._chosen(settings, _text(settings.get(MODEL)))

    async def remarking(self) -> Chosen | None:
        """Return the model that remarks and sums up; None if no model may.

        What the user does is told to a model on another machine only if the user chose that model for remarks.
        """
        settings = await self._queries.settings()
        if wanted := _text(settings.get(REMARK_MODEL)):
            return self._chosen(settings, wanted)
        answering = self._chosen(settings, _text(settings.get(MODEL)))
        if is_local(answering.model):
            return answering
        default = self._chosen(settings, "")
        return default if is_local(default.model) and self._queries.listed.player != "rehearsal" else None

    async def general(self) -> Chosen | None:
        """Return the model that answers what is beyond a player of our own; None if there is none.

        One on another machine answers only if the user chose it for that.
        """
        settings, listed = await self._queries.settings(), self._queries.listed.models
        general = [one for one in listed if is_general(one)]
        wanted = _text(settings.get(GENERAL_MODEL))
        named = next((one for one in general if one["name"] == wanted), None)
        found = named or max((one for one in general if is_local(one)), key=_quickest_that_knows_most, default=None)
        return self._chosen(settings, str(found["name"])) if found else None

    async def named(self, name: str) -> Chosen | None:
        """Return the model of this name, None if it is not there."""
        chosen = self._chosen(await self._queries.settings(), name)
        return None if chosen.instead_of else chosen

    def _chosen(self, settings: Values, wanted: str) -> Chosen:
        listed = self._queries.listed
        name = listed.playing(wanted) if listed.models else wanted
        model = next((model for model in listed.models if model["name"] == name), {"name": name})
        wishes = settings.get(MODELS)
        own = wishes.get(name) if type(wishes) is dict else None
        return Chosen(model, own if type(own) is dict else {}, wanted if wanted != name else "")


def is_general(model: Values) -> bool:
    """Return whether a model is a general one: no player of our own, not the built-in one, and not too small."""
    capabilities = model.get("capabilities") or ("completion",)
    is_one = bool(model.get("server")) and not model.get("form") and bool(model.get("plays", True))
    return is_one and "completion" in capabilities


def _quickest_that_knows_most(model: Values) -> tuple[bool, int]:
    """Return what general models are compared by: those that answer soon first, of these the largest."""
    size = _whole(model.get("size"))
    return size <= QUICK_BYTES, size if size <= QUICK_BYTES else -size


def _whole(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0


def _text(value: Any) -> str:
    return value if type(value) is str else ""
