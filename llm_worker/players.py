"""Choose who carries out an order: a model of a server, or the built-in rehearsal player."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from bus.messages import LlmGenerate
from llm_worker.contract import Model
from llm_worker.listing import REHEARSAL, Listing, Watched
from llm_worker.rehearsal.rules import rehearse
from llm_worker.stream.pieces import Piece


@dataclass(frozen=True, slots=True)
class Assignment:
    """An order, assigned to a model or to the rehearsal player."""

    model: str
    """Its name on the bus."""
    loaded: bool
    """Whether the model is in memory, as far as we know."""
    play: Callable[[], AsyncGenerator[Piece, None]]
    """Starts the answer. Its last piece has an `end`; an answer that breaks off raises a `ServerProblem`."""
    asks_for: tuple[str, ...] = ()
    """What the order needs and not every model supports: tools, format."""
    watched: Watched | None = None
    """The server of the model; None for the rehearsal player."""

    @property
    def server(self) -> str:
        """The name of the server, "" for the rehearsal player."""
        return self.watched.server.about.name if self.watched else ""


class Players:
    """The models of all servers, and the rehearsal player."""

    def __init__(self, listing: Listing) -> None:
        """`listing`: the current models."""
        self._listing = listing

    def assign(self, order: LlmGenerate) -> Assignment:
        """Assign an order to the model that it names, else to the default. A missing model fails when it is asked."""
        name = order.model or self._listing.listed.default
        if name == REHEARSAL:
            return Assignment(REHEARSAL, True, lambda: rehearse(order))
        watched, own = self._listing.place(name)
        about = watched.server.about
        model = watched.find(own) or Model(own, about.name, about.local)
        asks_for = tuple(name for name, wanted in (("tools", order.tools), ("format", order.format)) if wanted)
        return Assignment(model.full_name, model.loaded, lambda: watched.server.chat(order, model), asks_for, watched)

    def done(self, assignment: Assignment, *, succeeded: bool) -> None:
        """Look at the server again after an answer that failed, or that loaded its model."""
        if assignment.watched and not (succeeded and assignment.loaded):
            assignment.watched.look_soon()
