"""What is heard on the bus becomes what the tabs show: facts of the store, the models, the start of a generation."""

from collections.abc import Callable
from functools import cache, partial

from apps.tables import Row, Table
from bus.bus import Bus
from bus.messages import LlmListed, LlmStarted, LlmToken, ServiceChanged, StoreChanged
from bus.overflows import Overflows
from bus.wire import Envelope
from web.live.hub import Hub
from web.live.lost_profile import farewell
from web.live.parts import draw_switch, draw_waiting
from web.live.queries import scope
from web.live.row_updates import draw_message, draw_row
from web.live.tab import Frame, Tab
from web.state.page_view import conversation_in


class Events:
    """Listens for a room."""

    def __init__(self, hub: Hub) -> None:
        """Use `listen` to begin."""
        self._hub = hub
        self._store_run = ""

    def listen(self, bus: Bus) -> None:
        """Hear all that changes a page."""
        bus.hear(LlmToken, self._hub.streams.heard_token)
        bus.hear(StoreChanged, self._heard_fact)
        bus.hear(ServiceChanged, self._heard_store, "store")
        bus.hear(LlmStarted, self._heard_start)
        bus.hear(LlmListed, self._heard_models)
        bus.on_reconnected = self._hub.missed
        Overflows(bus, self._hub.missed)

    # --- facts ---

    def _heard_fact(self, heard: Envelope) -> None:
        """Show a fact once; a gap in the revisions means that one was lost."""
        fact: StoreChanged = heard.message
        hub = self._hub
        if fact.revision <= hub.revision:
            return
        whole = fact.revision == hub.revision + 1
        hub.revision = hub.reader.newest[fact.table] = fact.revision
        self._show(fact)
        if not whole:
            hub.missed()

    def _heard_store(self, heard: Envelope) -> None:
        """A store that begins anew may have ended between a commit and its fact."""
        message: ServiceChanged = heard.message
        began_anew = self._store_run not in ("", message.run)
        self._store_run = message.run
        if began_anew:
            self._hub.missed()

    def _show(self, fact: StoreChanged) -> None:
        if fact.table == "setting":
            self._show_setting(fact)
        elif fact.table == "message":
            self._show_message(fact)
        elif fact.table == "conversation":
            self._hub.refresh("bar")
        elif fact.table == "import":
            self._hub.refresh("files")
        else:
            self._show_row(fact)
            self._hub.row_counts.take(fact)
        if fact.table == "profile":
            self._show_profile(fact)
        self._show_concerned(fact)

    def _show_setting(self, fact: StoreChanged) -> None:
        self._hub.set({str(fact.id): fact.row.get("value")})
        if fact.id == "app" and fact.actor == "model":
            self._hub.open_everywhere(self._hub.app)

    def _show_profile(self, fact: StoreChanged) -> None:
        self._hub.refresh("bar")
        if fact.verb == "delete":
            self._hub.spawn(self._tell_of_loss(fact), f"leave profile {fact.id}")

    async def _tell_of_loss(self, fact: StoreChanged) -> None:
        sentence = await farewell(self._hub.reader, fact.before, fact.revision)
        self._hub.push(Frame(f"?\n{sentence}"))

    def _show_message(self, fact: StoreChanged) -> None:
        hub, row = self._hub, fact.row or fact.before
        streaming = bool(fact.row) and row["state"] == "streaming"
        if not streaming:
            hub.streams.end(row)
        if row["conversation"] != conversation_in(hub.settings):
            return
        if streaming:
            hub.streams.show(row, begins=fact.verb == "insert")
        drawn = cache(partial(draw_message, fact, hub.registry.tables))
        for tab in hub.tabs:
            tab.push(Frame(partial(_of_those_shown, tab, row["id"], drawn), "chat", fact.revision, row["id"]))

    def _show_row(self, fact: StoreChanged) -> None:
        hub = self._hub
        table = hub.registry.tables[fact.table]
        where = scope(table, hub.settings)
        for tab in hub.tabs:
            if hub.apps.table(tab.app) is table:
                drawn = None if tab.window.own else partial(_draw_row_in, tab, fact, table, where)
                tab.push(Frame(drawn, "app", fact.revision))

    def _show_concerned(self, fact: StoreChanged) -> None:
        """Make the views anew that are read from more than their table."""
        for tab in self._hub.tabs:
            app = self._hub.apps[tab.app]
            if app.has("read") and app.call("concerned", bool, False, fact=fact):
                tab.push(Frame(None, "app", fact.revision))

    # --- models ---

    def _heard_models(self, heard: Envelope) -> None:
        hub = self._hub
        if hub.models != heard.message:
            hub.models = heard.message
            hub.push(Frame(draw_switch("model", hub.blank()), "bar"))

    def _heard_start(self, heard: Envelope) -> None:
        started: LlmStarted = heard.message
        if (message := self._hub.streams.message_of(started.generation)) is not None:
            self._hub.push(Frame(draw_waiting(message, started.model, loaded=started.loaded), "chat"))


def _of_those_shown(tab: Tab, message: int, drawn: Callable[[], str]) -> str:
    """Draw a message unless it is older than those that the tab shows."""
    return drawn() if message >= tab.chat.oldest else ""


def _draw_row_in(tab: Tab, fact: StoreChanged, table: Table, where: Row) -> str | None:
    """Draw a row in the pane that the tab has when the frame is queued."""
    return None if tab.window.own else draw_row(fact, table, tab.window, where)
