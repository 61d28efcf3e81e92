"""Connects the parts of this room."""

from bus.bus import Bus
from services.agent.act.actions import Actions
from services.agent.act.jobs import JobCards
from services.agent.act.macros.habits import Habits
from services.agent.act.macros.runs import MacroRuns
from services.agent.act.proposals import Proposals
from services.agent.act.undo import UndoTracker
from services.agent.state.wiring import State


class Act:
    """What the model may do: actions, proposals to the user, and cards that follow an undo."""

    def __init__(self, bus: Bus, state: State) -> None:
        """`bus`: the outcome of each instruction is said there (`agent.acted`)."""
        self.actions = Actions(bus, state.store_client, state.queries, state.own)
        self.macros = MacroRuns(state.store_client, state.queries, state.registry)
        self.habits = Habits(state.store_client, state.queries, state.registry)
        self.proposals = Proposals(bus, state.store_client, state.registry, self.actions)
        self.job_cards = JobCards(bus, state.store_client)
        self.undo_tracker = UndoTracker(bus, state.store_client)
