"""Choose who carries out an order: a model of Ollama, or the built-in rehearsal player."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from bus.messages import LlmGenerate
from llm_worker.ollama.api import Ollama
from llm_worker.ollama.models import REHEARSAL, Models
from llm_worker.pieces import Piece
from llm_worker.rehearsal.rules import rehearse


@dataclass(frozen=True, slots=True)
class Assignment:
    """An order, assigned to a model or to the rehearsal player."""

    model: str
    loaded: bool
    """Whether the model is in memory, as far as we know."""
    play: Callable[[], AsyncGenerator[Piece, None]]
    """Starts the answer. Its last piece has an `end`; an answer that breaks off raises an `OllamaProblem`."""
    asks_for: tuple[str, ...] = ()
    """What the order needs and not every model supports: tools, format."""


class Players:
    """The models of Ollama, and the rehearsal player."""

    def __init__(self, models: Models, ollama: Ollama) -> None:
        """`models`: the current list of models."""
        self._models = models
        self._ollama = ollama

    def assign(self, order: LlmGenerate) -> Assignment:
        """Assign an order to the model that it names, else to the default. A missing model fails when it is asked."""
        name = order.model or self._models.listed.default
        if name == REHEARSAL:
            return Assignment(REHEARSAL, True, lambda: rehearse(order))
        found = self._models.find(name)
        model, thinks = (found.name, "thinking" in found.capabilities) if found else (name, False)
        loaded = found is not None and found.loaded
        asks_for = tuple(name for name, wanted in (("tools", order.tools), ("format", order.format)) if wanted)
        return Assignment(model, loaded, lambda: self._ollama.chat(order, model, thinks=thinks), asks_for)

    def done(self, assignment: Assignment, *, succeeded: bool) -> None:
        """Check the models again after an answer that failed, or that loaded its model."""
        if assignment.model != REHEARSAL and not (succeeded and assignment.loaded):
            self._models.look_soon()
