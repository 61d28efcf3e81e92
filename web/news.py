"""What is heard on the bus becomes what the tabs show: facts of the store, the models, the start of a generation."""

from bus.bus import Bus
from bus.messages import BusOverflowed, LlmListed, LlmStarted, LlmToken, StoreChanged
from bus.wire import Envelope
from web.drawing import draw_switch, draw_waiting
from web.facts import draw_message, draw_row, place
from web.room import Room
from web.tabs import Frame
from web.views import conversation_in, profile_in


class News:
    """Listens for a room."""

    def __init__(self, room: Room) -> None:
        """Use `listen` to begin."""
        self._room = room
        self._ends: dict[str, float] = {}
        """By table, the place of the last row that a fact was about."""

    def listen(self, bus: Bus) -> None:
        """Hear all that changes a page."""
        bus.hear(LlmToken, self._room.bridge.heard_token)
        bus.hear(StoreChanged, self._heard_fact)
        bus.hear(LlmStarted, self._heard_start)
        bus.hear(LlmListed, self._heard_models)
        bus.hear(BusOverflowed, self._heard_overflow)
        bus.on_reconnected = self._room.missed

    # --- facts ---

    def _heard_fact(self, heard: Envelope) -> None:
        """Show a fact once; a gap in the revisions means that one was lost."""
        fact: StoreChanged = heard.message
        room = self._room
        if fact.revision <= room.revision:
            return
        whole = fact.revision == room.revision + 1
        room.revision = room.reader.newest[fact.table] = fact.revision
        self._show(fact)
        if not whole:
            room.missed()

    def _show(self, fact: StoreChanged) -> None:
        if fact.table == "setting":
            self._room.set({str(fact.id): fact.row.get("value")})
        elif fact.table == "message":
            self._show_message(fact)
        elif fact.table in ("conversation", "profile"):
            self._room.refresh("bar")
        else:
            self._show_row(fact)

    def _show_message(self, fact: StoreChanged) -> None:
        room, row = self._room, fact.row or fact.before
        streaming = bool(fact.row) and row["state"] == "streaming"
        if not streaming:
            room.bridge.end(row)
        if row["conversation"] != conversation_in(room.settings) or row["id"] < room.oldest:
            return
        if streaming:
            room.bridge.show(row)
        if room.tabs:
            room.push(Frame(draw_message(fact), "chat", fact.revision, row["id"]))

    def _show_row(self, fact: StoreChanged) -> None:
        room = self._room
        table = room.registry.tables[fact.table]
        end = self._ends.get(fact.table, 0.0)
        self._ends[fact.table] = max(end, place(fact.row, table))
        tabs = [tab for tab in room.tabs if room.apps[tab.app] is table]
        text = draw_row(fact, table, profile_in(room.settings), end) if tabs else ""
        for tab in tabs:
            if text is None:
                tab.refresh("list")
            elif text:
                tab.push(Frame(text, "app", fact.revision))

    # --- models ---

    def _heard_models(self, heard: Envelope) -> None:
        room = self._room
        if room.models != heard.message:
            room.models = heard.message
            room.push(Frame(draw_switch("model", room.blank()), "bar"))

    def _heard_start(self, heard: Envelope) -> None:
        started: LlmStarted = heard.message
        if (message := self._room.bridge.message_of(started.generation)) is not None:
            self._room.push(Frame(draw_waiting(message, started.model, loaded=started.loaded), "chat"))

    def _heard_overflow(self, _heard: Envelope) -> None:
        """A subscriber, perhaps this process, was too slow for the broker, which dropped messages for it."""
        self._room.missed()
