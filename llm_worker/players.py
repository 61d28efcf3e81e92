"""Who plays an order: a model of Ollama's, or the built-in rehearsal player."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from bus.messages import LlmGenerate
from llm_worker.ollama.api import Ollama
from llm_worker.ollama.models import REHEARSAL, Models
from llm_worker.pieces import Piece
from llm_worker.rehearsal.rules import rehearse


@dataclass(frozen=True, slots=True)
class Part:
    """An order, given to a player."""

    model: str
    loaded: bool
    """Whether the model is in memory, as far as is known."""
    play: Callable[[], AsyncGenerator[Piece, None]]
    """Starts the answer. Its last piece has an `end`; an answer that stops before raises an `OllamaProblem`."""
    asks_for: tuple[str, ...] = ()
    """Abilities that not every model has: tools, format."""


class Players:
    """Ollama and the rehearsal player."""

    def __init__(self, models: Models, ollama: Ollama) -> None:
        """`models` knows who is there at the moment."""
        self._models = models
        self._ollama = ollama

    def cast(self, order: LlmGenerate) -> Part:
        """Return who plays: the model asked for, even if it is away (then that is the answer), or the default."""
        name = order.model or self._models.listed.default
        if name == REHEARSAL:
            return Part(REHEARSAL, True, lambda: rehearse(order))
        found = self._models.find(name)
        model, thinks = (found.name, "thinking" in found.capabilities) if found else (name, False)
        loaded = found is not None and found.loaded
        asks_for = tuple(name for name, wanted in (("tools", order.tools), ("format", order.format)) if wanted)
        return Part(model, loaded, lambda: self._ollama.chat(order, model, thinks=thinks), asks_for)

    def played(self, part: Part, *, well: bool) -> None:
        """Look at the models again when an answer failed, or loaded its model."""
        if part.model != REHEARSAL and not (well and part.loaded):
            self._models.look_soon()
